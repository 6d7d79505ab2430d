{{/* The labels that select the pods. 'steer render services' and 'network-policies' select them by the first. */}}
{{- define "steer.selector" -}}
app.kubernetes.io/name: steer-proxy
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "steer.labels" -}}
{{ include "steer.selector" . }}
app.kubernetes.io/part-of: steer
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end }}

{{- define "steer.image" -}}
{{- $tag := .Values.image.tag | default .Chart.AppVersion -}}
{{ .Values.image.repository }}{{ ternary "@" ":" (hasPrefix "sha256:" $tag) }}{{ $tag }}
{{- end }}

{{/* ADDRESS:PORT, for a list of address and port. */}}
{{- define "steer.endpoint" -}}
{{- $address := index . 0 -}}
{{ contains ":" $address | ternary (printf "[%s]" $address) $address }}:{{ index . 1 }}
{{- end }}

{{/* A rule of a NetworkPolicy to addresses and TCP ports. Without an address there is none: one without peers lets all through. */}}
{{- define "steer.destinations" -}}
{{- if and .cidrs .ports -}}
- to:
  {{- range .cidrs }}
  - ipBlock: {cidr: {{ . | quote }}}
  {{- end }}
  ports:
  {{- range .ports }}
  - {protocol: TCP, port: {{ . }}}
  {{- end }}
{{- end }}
{{- end }}
