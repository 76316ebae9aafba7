{{/* Items for the pod's `volumes`. */}}
{{- define "dualwrite.sidecar.volumes" -}}
{{- $settings := include "dualwrite.sidecar.settings" . | fromYaml -}}
- name: dualwrite-state
  {{- toYaml $settings.state.volume | nindent 2 }}
{{- if eq $settings.databases.urlsFrom "file" }}
- name: dualwrite-databases
  secret:
    secretName: {{ $settings.databases.secret }}
    # Mounted by the sidecar alone, which need not be the user that owns it.
    defaultMode: 0444
    items:
      {{- range compact (list $settings.databases.legacyKey $settings.databases.newKey) }}
      - key: {{ . }}
        path: {{ . }}
      {{- end }}
{{- end }}
{{- if $settings.socket.enabled }}
- name: dualwrite-socket
  emptyDir:
    sizeLimit: 1Mi
{{- end }}
{{- end -}}

{{/* Items for the `volumeMounts` of your container: the folder of the socket, where there is one. */}}
{{- define "dualwrite.sidecar.appVolumeMounts" -}}
{{- $settings := include "dualwrite.sidecar.settings" . | fromYaml -}}
{{- if $settings.socket.enabled -}}
- name: dualwrite-socket
  mountPath: {{ $settings.socket.folder }}
{{- end -}}
{{- end -}}

{{/* For the labels of the pod: the control plane's network policy lets it in by this one. */}}
{{- define "dualwrite.sidecar.podLabels" -}}
{{- $settings := include "dualwrite.sidecar.settings" . | fromYaml -}}
dualwrite/client: "true"
dualwrite/service: {{ $settings.service }}
{{- end -}}

{{/* For the annotations of the pod: where the figures are, for those who look there. */}}
{{- define "dualwrite.sidecar.podAnnotations" -}}
prometheus.io/scrape: "true"
prometheus.io/port: "7411"
prometheus.io/path: /metrics
{{- end -}}
