{{/* Names and labels, each said once. */}}

{{- define "dualwrite.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* Short enough for a StatefulSet, whose name is part of a label with a hash behind it. */}}
{{- define "dualwrite.fullname" -}}
{{- $name := include "dualwrite.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" }}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "dualwrite.selectorLabels" -}}
app.kubernetes.io/name: {{ include "dualwrite.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: control-plane
{{- end }}

{{/* Labels of every object but the test, which must not be counted among the Service's pods. */}}
{{- define "dualwrite.labels" -}}
{{ include "dualwrite.selectorLabels" . }}
{{ include "dualwrite.commonLabels" . }}
{{- end }}

{{- define "dualwrite.commonLabels" -}}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: dualwrite
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "dualwrite.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "dualwrite.fullname" .) .Values.serviceAccount.name }}
{{- else -}}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "dualwrite.claimName" -}}
{{- default (printf "%s-store" (include "dualwrite.fullname" .)) .Values.persistence.existingClaim }}
{{- end }}

{{- define "dualwrite.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{- printf "%s@%s" .repository .digest }}
{{- else -}}
{{- printf "%s:%s" .repository (default $.Chart.AppVersion .tag) }}
{{- end }}
{{- end }}
{{- end }}

{{/* The restricted Pod Security Standard, for a pod … */}}
{{- define "dualwrite.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{/* … and for each of its containers. */}}
{{- define "dualwrite.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities:
  drop:
    - ALL
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{/* Nothing is installed that lets strangers in unasked. */}}
{{- define "dualwrite.requireInsecure" -}}
{{- if not .Values.insecure }}
{{- fail "\n\ninsecure is not set. In a pod the control plane listens beyond loopback, and it has no identities yet:\nwhoever reaches its port can change every migration. If the network policy (networkPolicy.grpcFrom)\nkeeps out whom you do not trust, say so aloud: --set insecure=true\n" }}
{{- end }}
{{- end }}
