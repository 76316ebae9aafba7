{{/* The settings of the sidecar. */}}
{{- define "dualwrite.sidecar.env" -}}
{{- $settings := include "dualwrite.sidecar.settings" . | fromYaml -}}
- name: DUALWRITE_SERVICE
  value: {{ $settings.service }}
# The name of the pod: new with each pod, and the one that operators know.
- name: DUALWRITE_INSTANCE
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
{{- with $settings.controlPlane }}
- name: DUALWRITE_CONTROL_PLANE
  value: {{ . | quote }}
{{- end }}
{{- include "dualwrite.sidecar.databaseUrl" (list $settings "LEGACY_DATABASE_URL" $settings.databases.legacyKey) }}
{{- include "dualwrite.sidecar.databaseUrl" (list $settings "NEW_DATABASE_URL" $settings.databases.newKey) }}
# Applications of this pod alone.
- name: DUALWRITE_LISTEN
  value: 127.0.0.1:7410
# Probes and figures, for those who run the pod, who come from beyond loopback. What is under /dual-write
# answers this pod alone.
- name: DUALWRITE_HTTP_LISTEN
  value: 0.0.0.0:7411
{{- if $settings.socket.enabled }}
- name: DUALWRITE_SOCKET
  value: {{ printf "%s/sidecar.sock" (trimSuffix "/" $settings.socket.folder) }}
{{- end }}
- name: DUALWRITE_STATE_DIR
  value: /var/lib/dualwrite
- name: DUALWRITE_INSTALL
  value: {{ $settings.install }}
- name: DUALWRITE_LOG
  value: {{ $settings.log | quote }}
{{- with $settings.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The URL of one database, if there is a key for it: settings, variable, key of the secret. */}}
{{- define "dualwrite.sidecar.databaseUrl" -}}
{{- $settings := index . 0 -}}
{{- $variable := index . 1 -}}
{{- $key := index . 2 -}}
{{- if not $key -}}
{{- else if eq $settings.databases.urlsFrom "file" }}
- name: {{ $variable }}_FILE
  value: /etc/dualwrite/databases/{{ $key }}
{{- else }}
- name: {{ $variable }}
  valueFrom:
    secretKeyRef:
      name: {{ $settings.databases.secret }}
      key: {{ $key }}
{{- end -}}
{{- end -}}
