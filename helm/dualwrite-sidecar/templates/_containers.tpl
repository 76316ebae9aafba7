{{/*
Items for `initContainers`, before yours: the sidecar, where it is native. It is started before your
containers, ends after them, and does not keep a Job from being done.
*/}}
{{- define "dualwrite.sidecar.initContainers" -}}
{{- if include "dualwrite.sidecar.isNative" . -}}
{{- include "dualwrite.sidecar.container" . -}}
{{- end -}}
{{- end -}}

{{/* Items for `containers`, beside yours: the sidecar, where it is not native. */}}
{{- define "dualwrite.sidecar.containers" -}}
{{- if not (include "dualwrite.sidecar.isNative" .) -}}
{{- include "dualwrite.sidecar.container" . -}}
{{- end -}}
{{- end -}}

{{/* The container itself. */}}
{{- define "dualwrite.sidecar.container" -}}
{{- $settings := include "dualwrite.sidecar.settings" . | fromYaml -}}
- name: {{ $settings.name }}
  image: {{ include "dualwrite.sidecar.image" . | quote }}
  imagePullPolicy: {{ $settings.image.pullPolicy }}
  command:
    - /dualwrite-sidecar
    - run
  {{- if include "dualwrite.sidecar.isNative" . }}
  restartPolicy: Always
  {{- end }}
  env:
    {{- include "dualwrite.sidecar.env" . | nindent 4 }}
  ports:
    - name: dualwrite-http
      containerPort: 7411
  # An init container that stays holds yours back until this is passed: they start with a sidecar
  # that can serve.
  startupProbe:
    httpGet:
      path: /readyz
      port: dualwrite-http
    periodSeconds: 1
    timeoutSeconds: 2
    failureThreshold: 120
  livenessProbe:
    httpGet:
      path: /livez
      port: dualwrite-http
    periodSeconds: 10
    timeoutSeconds: 3
    failureThreshold: 3
  readinessProbe:
    httpGet:
      path: /readyz
      port: dualwrite-http
    periodSeconds: 5
    timeoutSeconds: 2
    failureThreshold: 2
  resources:
    {{- toYaml $settings.resources | nindent 4 }}
  # The restricted Pod Security Standard.
  securityContext:
    allowPrivilegeEscalation: false
    readOnlyRootFilesystem: true
    runAsNonRoot: true
    runAsUser: {{ int $settings.user }}
    runAsGroup: {{ int $settings.user }}
    capabilities:
      drop:
        - ALL
    seccompProfile:
      type: RuntimeDefault
  volumeMounts:
    - name: dualwrite-state
      mountPath: /var/lib/dualwrite
    {{- if eq $settings.databases.urlsFrom "file" }}
    - name: dualwrite-databases
      mountPath: /etc/dualwrite/databases
      readOnly: true
    {{- end }}
    {{- if $settings.socket.enabled }}
    - name: dualwrite-socket
      mountPath: {{ $settings.socket.folder }}
    {{- end }}
    {{- with $settings.extraVolumeMounts }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}

{{- define "dualwrite.sidecar.image" -}}
{{- with (include "dualwrite.sidecar.settings" . | fromYaml).image -}}
{{- if .digest -}}
{{- printf "%s@%s" .repository .digest -}}
{{- else -}}
{{- /* The version of the library: a template of it does not see its own Chart.yaml. A test holds them equal. */ -}}
{{- printf "%s:%s" .repository (default "0.1.0" .tag) -}}
{{- end -}}
{{- end -}}
{{- end -}}
