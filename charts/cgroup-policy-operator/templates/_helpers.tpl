{{/* Labels of every object, besides its own. */}}
{{- define "cgroup-policy-operator.labels" -}}
app.kubernetes.io/name: cgroup-policy-operator
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* REGISTRY/REPOSITORY:TAG@DIGEST */}}
{{- define "cgroup-policy-operator.image" -}}
{{- with .Values.image -}}
{{- if not (or .registry .digest) }}
{{- fail "image.registry is required, because there is no public image: build one (docs/image.md), push it, and add --set image.registry=REGISTRY; for an image that every node has already, add --set image.registry=docker.io/library" }}
{{- end }}
{{- with .registry }}{{ trimSuffix "/" . }}/{{ end }}{{ .repository }}
{{- if or .tag (not .digest) }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- with .digest }}@{{ . }}{{ end }}
{{- end }}
{{- end }}

{{/*
An object of files/, as it is in config/, with the release's namespace and labels.
Takes a dict: root, object, and optionally labels.
*/}}
{{- define "cgroup-policy-operator.object" -}}
{{- $object := .object }}
{{- $metadata := $object.metadata }}
{{- if hasKey $metadata "namespace" }}
{{- $_ := set $metadata "namespace" .root.Release.Namespace }}
{{- end }}
{{- range $subject := $object.subjects }}
{{- if eq $subject.kind "ServiceAccount" }}
{{- $_ := set $subject "namespace" $.root.Release.Namespace }}
{{- end }}
{{- end }}
{{- $labels := include "cgroup-policy-operator.labels" .root | fromYaml }}
{{- $_ := set $metadata "labels" (merge (dict) (.labels | default dict) $labels ($metadata.labels | default dict)) }}
{{- toYaml $object }}
{{- end }}
