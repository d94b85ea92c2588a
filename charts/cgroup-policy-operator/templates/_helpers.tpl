{{/* Labels of every object, in addition to its own. */}}
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

{{/* Name of the operator's ServiceAccount. */}}
{{- define "cgroup-policy-operator.serviceAccount" -}}
{{- if not (or .Values.serviceAccount.create .Values.serviceAccount.name) }}
{{- fail "serviceAccount.name must be set if serviceAccount.create is false: the roles are bound to it" }}
{{- end }}
{{- .Values.serviceAccount.name | default "cgroup-policy-operator" }}
{{- end }}

{{/* Rejects the former names of values. */}}
{{- define "cgroup-policy-operator.renamed" -}}
{{- if hasKey .Values "replicas" }}
{{- fail "replicas was renamed to replicaCount" }}
{{- end }}
{{- if hasKey .Values.crds "install" }}
{{- fail "crds.install was renamed to crds.enabled" }}
{{- end }}
{{- end }}

{{/*
An object of files/, as it is in config/, with the release's namespace, ServiceAccount and labels.
Takes a dict: root, object, and optionally labels and namespace.
*/}}
{{- define "cgroup-policy-operator.object" -}}
{{- $object := .object }}
{{- $metadata := $object.metadata }}
{{- $namespace := .namespace | default .root.Release.Namespace }}
{{- if hasKey $metadata "namespace" }}
{{- $_ := set $metadata "namespace" $namespace }}
{{- end }}
{{- range $subject := $object.subjects }}
{{- if eq $subject.kind "ServiceAccount" }}
{{- $_ := set $subject "namespace" $namespace }}
{{- if eq $subject.name "cgroup-policy-operator" }}
{{- $_ := set $subject "name" (include "cgroup-policy-operator.serviceAccount" $.root) }}
{{- end }}
{{- end }}
{{- end }}
{{- $labels := include "cgroup-policy-operator.labels" .root | fromYaml }}
{{- $_ := set $metadata "labels" (merge (dict) (.labels | default dict) $labels ($metadata.labels | default dict)) }}
{{- toYaml $object }}
{{- end }}
