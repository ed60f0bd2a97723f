{{- define "ingress2gw.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "ingress2gw.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "ingress2gw.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "ingress2gw.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Names of cluster-scoped objects hold the namespace: there may be two installations. */}}
{{- define "ingress2gw.clustername" -}}
{{- printf "%s.%s" (include "ingress2gw.fullname" .) .Release.Namespace -}}
{{- end -}}

{{- define "ingress2gw.selector" -}}
app.kubernetes.io/name: {{ include "ingress2gw.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "ingress2gw.labels" -}}
{{ include "ingress2gw.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "ingress2gw.serviceaccount" -}}
{{- default (include "ingress2gw.fullname" .) .Values.serviceAccount.name -}}
{{- end -}}

{{/* The namespaces of all gateways, as a JSON list. */}}
{{- define "ingress2gw.gateways" -}}
{{- concat (list .Values.gateway.namespace) .Values.gateway.otherNamespaces | uniq | sortAlpha | toJson -}}
{{- end -}}

{{/* The labels of a gateway's pods, as JSON. */}}
{{- define "ingress2gw.labelsOfGateway" -}}
{{- get .root.Values.gateway.selectors .namespace | default (dict "istio" "ingressgateway") | toJson -}}
{{- end -}}

{{- define "ingress2gw.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{/* The Secret with the certificate of metrics; empty if there is none. */}}
{{- define "ingress2gw.certificate" -}}
{{- if .Values.metrics.certificateSecret -}}
{{- .Values.metrics.certificateSecret -}}
{{- else if .Values.metrics.certManager.enabled -}}
{{- printf "%s-metrics-tls" (include "ingress2gw.fullname" .) -}}
{{- end -}}
{{- end -}}
