{{/* The labels that select the pods. 'steer render services' and 'network-policies' select them by the first. */}}
{{- define "steer.selector" -}}
app.kubernetes.io/name: steer-proxy
app.kubernetes.io/instance: {{ .Release.Name | quote }}
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

{{/* The settings file. */}}
{{- define "steer.settings" -}}
kubernetes: {policy: {{ .Values.kubernetes.policy }}, inventory: {{ .Values.kubernetes.inventory }}}
{{- if .Values.files }}
policy: [/etc/steer/policy]
{{- end }}
{{- $dns := list }}
{{- range .Values.listen }}{{ $dns = append $dns (include "steer.endpoint" (list . $.Values.dns.port)) }}{{ end }}
listen: {{ toJson $dns }}
admin: {listen: {{ include "steer.endpoint" (list (ternary "::" (first .Values.listen) (has "::" .Values.listen)) .Values.admin.port) | quote }}}
state: {folder: /var/lib/steer}
log: {level: {{ .Values.log.level }}, format: json}
{{- if .Values.log.queries }}
queryLog: "-"
{{- end }}
{{- if .Values.proxy.enabled }}
proxy:
  engine: squid
  folder: /run/steer/proxy
  # Nobody else runs in the container, so the volume that the folder is in may be open to all, as volumes are.
  isolated: true
  instances: {{ .Values.proxy.instances }}
  drainSeconds: {{ .Values.proxy.drainSeconds }}
  {{- $addresses := without .Values.listen "0.0.0.0" "::" }}
  {{- if $addresses }}
  listen: {{ toJson $addresses }}
  {{- end }}
  # Each decision is a line of Steer's own; Squid's log would have to be rotated.
  accessLog: /dev/null
  {{- if .Values.log.connects }}
  connectLog: "-"
  {{- end }}
{{- end }}
{{- end }}
