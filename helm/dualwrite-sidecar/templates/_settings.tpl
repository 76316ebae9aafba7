{{/*
What the other templates work from, as YAML. Each of them takes either the context of your chart,

  {{ include "dualwrite.sidecar.containers" . }}

and then the values below `dualwrite-sidecar` are meant, or, where a chart has several workloads, the
context and what is different for this one:

  {{ include "dualwrite.sidecar.containers" (dict "context" . "sidecar" (dict "service" "orders")) }}
*/}}
{{- define "dualwrite.sidecar.settings" -}}
{{- $context := default . .context -}}
{{- $values := deepCopy (index $context.Values "dualwrite-sidecar" | default dict) -}}
{{- $settings := mergeOverwrite $values (deepCopy (.sidecar | default dict)) -}}
{{- if not $settings.service -}}
{{- fail "\n\ndualwrite-sidecar.service is not set: name the service, as its migration is named, for example cart\n" -}}
{{- end -}}
{{- if not $settings.databases.secret -}}
{{- fail "\n\ndualwrite-sidecar.databases.secret is not set: name the Secret that holds the URLs of the databases, see\nits keys in dualwrite-sidecar.databases.legacyKey and .newKey\n" -}}
{{- end -}}
{{- if not (or $settings.databases.legacyKey $settings.databases.newKey) -}}
{{- fail "\n\ndualwrite-sidecar.databases has neither legacyKey nor newKey: a sidecar needs a database\n" -}}
{{- end -}}
{{- toYaml $settings -}}
{{- end -}}

{{/* "true" where the sidecar is an init container that stays, else nothing. */}}
{{- define "dualwrite.sidecar.isNative" -}}
{{- $context := default . .context -}}
{{- $native := (include "dualwrite.sidecar.settings" . | fromYaml).native -}}
{{- $can := semverCompare ">=1.29.0-0" $context.Capabilities.KubeVersion.Version -}}
{{- if or (eq $native "always") (and (eq $native "auto") $can) -}}
true
{{- end -}}
{{- end -}}
