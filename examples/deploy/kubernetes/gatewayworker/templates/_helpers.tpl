{{- define "gatewayworker.fullname" -}}
{{- if contains "gatewayworker" .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-gatewayworker" .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "gatewayworker.selector" -}}
app.kubernetes.io/name: gatewayworker
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .role }}
{{- end -}}

{{- define "gatewayworker.labels" -}}
{{ include "gatewayworker.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{- define "gatewayworker.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}

{{- define "gatewayworker.secretName" -}}
{{- if .Values.secretKey.existingSecret -}}
{{- .Values.secretKey.existingSecret -}}
{{- else if .Values.secretKey.value -}}
{{- include "gatewayworker.fullname" . }}-key
{{- else -}}
{{- fail "A cluster over a network needs a key: give secretKey.existingSecret, the name of a Secret with the entry \"keys\" (kubectl create secret generic gatewayworker-key --from-literal=keys=\"$(openssl rand -base64 32)\"), or secretKey.value" -}}
{{- end -}}
{{- end -}}

{{/* The Registers, each by the name that its pod keeps. */}}
{{- define "gatewayworker.registers" -}}
{{- $name := include "gatewayworker.fullname" . -}}
{{- $list := list -}}
{{- range $i := until (int .Values.register.replicas) -}}
{{- $list = append $list (printf "%s-register-%d.%s-register.%s.svc.%s:%d" $name $i $name $.Release.Namespace $.Values.clusterDomain (int $.Values.register.port)) -}}
{{- end -}}
{{- $list | toJson -}}
{{- end -}}

{{/* Seconds in which a full pod sends its clients away. */}}
{{- define "gatewayworker.drainSeconds" -}}
{{- $gateways := dig "count" 1 .Values.gateway.options | int -}}
{{- $clients := mul (int .Values.gateway.maxConnections) $gateways -}}
{{- div (sub (add $clients (int .Values.gateway.drainRate)) 1) (int .Values.gateway.drainRate) -}}
{{- end -}}

{{/*
How long a gateway may take to go: the hook (red, all clients, 10 s for who stays), then
the stop (red, last events, and 35 s for what is left).
*/}}
{{- define "gatewayworker.gatewayGrace" -}}
{{- $drain := include "gatewayworker.drainSeconds" . | int -}}
{{- $delays := mul 2 (ceil .Values.gateway.stopDelay | int) -}}
{{- $needed := add $delays $drain 10 (ceil .Values.gateway.closeTimeout | int) 35 -}}
{{- $given := .Values.gateway.terminationGracePeriodSeconds -}}
{{- if and $given (lt (int $given) (int $needed)) -}}
{{- fail (printf "gateway.terminationGracePeriodSeconds is %d, and a gateway may take %d to go: %d for %d clients at %d a second, twice stopDelay, closeTimeout and 45 s. Give that, or leave it out" (int $given) (int $needed) $drain (int .Values.gateway.maxConnections) (int .Values.gateway.drainRate)) -}}
{{- end -}}
{{- $given | default $needed | int -}}
{{- end -}}

{{/* How long a stop of a worker may take. */}}
{{- define "gatewayworker.workerGrace" -}}
{{- add (ceil .Values.worker.drainTimeout) 20 -}}
{{- end -}}

{{- define "gatewayworker.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "gatewayworker.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}

{{- define "gatewayworker.env" -}}
- name: GATEWAYWORKER_SECRET_KEY_FILE
  value: /etc/gatewayworker/key/keys
- name: GATEWAYWORKER_LOG_FORMAT
  value: json
{{- if .Values.admin.tokenSecret }}
- name: GATEWAYWORKER_ADMIN
  value: "0.0.0.0:{{ .Values.admin.port }}"
- name: GATEWAYWORKER_API_TOKEN
  valueFrom:
    secretKeyRef: { name: {{ .Values.admin.tokenSecret }}, key: token }
{{- end }}
{{- end -}}

{{- define "gatewayworker.mounts" -}}
- { name: key, mountPath: /etc/gatewayworker/key, readOnly: true }
- { name: config, mountPath: /etc/gatewayworker/config, readOnly: true }
- { name: tmp, mountPath: /tmp }
{{- end -}}

{{- define "gatewayworker.volumes" -}}
- name: key
  secret: { secretName: {{ include "gatewayworker.secretName" . }}, defaultMode: 0440 }
- name: config
  configMap: { name: {{ include "gatewayworker.fullname" . }} }
- name: tmp
  emptyDir: {}
{{- end -}}
