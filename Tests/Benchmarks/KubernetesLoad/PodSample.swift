import TestAPIServer

/// A pod as a Deployment makes it, with what the API server, the scheduler and the kubelet add.
enum PodSample {
  private static let namePlaceholder = name(of: 0)
  private static let namespacePlaceholder = "NAMESPACE00"
  private static let uidPlaceholder = uid(of: 0)
  private static let addressPlaceholder = "127.100.100.100"

  /// The name of a pod.
  static func name(of pod: Int) -> String { "api-6c9f8b7d54-" + String(100_000_000 + pod) }

  /// The uid of a pod.
  static func uid(of pod: Int) -> String { "5f1c7a52-0d3e-4b58-9c41-" + String(400_000_000_000 + pod) }

  /// The template of all pods: name, namespace, uid and address are filled in.
  static func template(isRunning: Bool) -> ObjectTemplate {
    let sample = (try? JSON(text)) ?? .null
    let status = isRunning ? (try? JSON(runningStatus)) ?? .null : ["phase": "Pending", "qosClass": "Burstable"]
    return ObjectTemplate(
      sample.merged(with: ["status": status]), of: .pods,
      placeholders: [namePlaceholder, namespacePlaceholder, uidPlaceholder, addressPlaceholder])
  }

  private static let text = #"""
    {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "\#(namePlaceholder)", "generateName": "api-6c9f8b7d54-",
      "namespace": "\#(namespacePlaceholder)", "uid": "\#(uidPlaceholder)", "resourceVersion": "", "generation": 1,
      "creationTimestamp": "2026-11-23T08:50:07Z",
      "labels": {"app.kubernetes.io/instance": "api", "app.kubernetes.io/name": "api", "pod-template-hash": "6c9f8b7d54"},
      "annotations": {"checksum/config": "0b1a33c43f0c3d5a3ab1d6a6f77f6b2d3e1c0f9a8b7c6d5e4f3a2b1c0d9e8f7a"},
      "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "api-6c9f8b7d54",
        "uid": "0c9b3a1e-7a40-4f0e-8b2e-3b2b5a6f9d10", "controller": true, "blockOwnerDeletion": true}],
      "managedFields": [{"manager": "kube-controller-manager", "operation": "Update", "apiVersion": "v1",
        "time": "2026-11-23T08:50:07Z", "fieldsType": "FieldsV1", "fieldsV1": {"f:metadata": {"f:annotations": {".": {},
        "f:checksum/config": {}}, "f:generateName": {}, "f:labels": {".": {}, "f:app.kubernetes.io/instance": {},
        "f:app.kubernetes.io/name": {}, "f:pod-template-hash": {}}, "f:ownerReferences": {".": {},
        "k:{\"uid\":\"0c9b3a1e-7a40-4f0e-8b2e-3b2b5a6f9d10\"}": {}}}, "f:spec": {"f:containers": {
        "k:{\"name\":\"api\"}": {".": {}, "f:env": {".": {}, "k:{\"name\":\"HTTPS_PROXY\"}": {".": {}, "f:name": {},
        "f:value": {}}}, "f:image": {}, "f:imagePullPolicy": {}, "f:name": {}, "f:ports": {}, "f:resources": {},
        "f:terminationMessagePath": {}, "f:terminationMessagePolicy": {}}}, "f:dnsPolicy": {},
        "f:enableServiceLinks": {}, "f:restartPolicy": {}, "f:schedulerName": {}, "f:securityContext": {},
        "f:serviceAccount": {}, "f:serviceAccountName": {}, "f:terminationGracePeriodSeconds": {}}}}]},
     "spec": {"volumes": [{"name": "kube-api-access-8x7zq", "projected": {"sources": [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}}],
        "defaultMode": 420}}, {"name": "tmp", "emptyDir": {}}],
      "containers": [{"name": "api", "image": "registry.example.com/team/api:2026.11.23-4f1c2d3", "args": ["--serve"],
        "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"},
          {"name": "metrics", "containerPort": 9090, "protocol": "TCP"}],
        "env": [{"name": "HTTPS_PROXY", "value": "http://proxy.load.test:3128"},
          {"name": "NO_PROXY", "value": ".svc,.cluster.local,10.0.0.0/8"}, {"name": "LOG_LEVEL", "value": "info"}],
        "resources": {"limits": {"memory": "512Mi"}, "requests": {"cpu": "100m", "memory": "256Mi"}},
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}, {"name": "kube-api-access-8x7zq", "readOnly": true,
          "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}],
        "livenessProbe": {"httpGet": {"path": "/livez", "port": "http", "scheme": "HTTP"}, "timeoutSeconds": 1,
          "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3},
        "readinessProbe": {"httpGet": {"path": "/readyz", "port": "http", "scheme": "HTTP"}, "timeoutSeconds": 1,
          "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3},
        "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
        "imagePullPolicy": "IfNotPresent"}],
      "restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst",
      "serviceAccountName": "api", "serviceAccount": "api", "nodeName": "node-0042.example.internal",
      "securityContext": {}, "schedulerName": "default-scheduler",
      "tolerations": [{"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute",
        "tolerationSeconds": 300}, {"key": "node.kubernetes.io/unreachable", "operator": "Exists",
        "effect": "NoExecute", "tolerationSeconds": 300}],
      "priority": 0, "enableServiceLinks": true, "preemptionPolicy": "PreemptLowerPriority"}}
    """#

  private static let runningStatus = #"""
    {"phase": "Running", "conditions": [
        {"type": "PodReadyToStartContainers", "status": "True", "lastTransitionTime": "2026-11-23T08:50:09Z"},
        {"type": "Initialized", "status": "True", "lastTransitionTime": "2026-11-23T08:50:07Z"},
        {"type": "Ready", "status": "True", "lastTransitionTime": "2026-11-23T08:50:17Z"},
        {"type": "ContainersReady", "status": "True", "lastTransitionTime": "2026-11-23T08:50:17Z"},
        {"type": "PodScheduled", "status": "True", "lastTransitionTime": "2026-11-23T08:50:07Z"}],
      "hostIP": "10.0.0.42", "hostIPs": [{"ip": "10.0.0.42"}], "podIP": "\#(addressPlaceholder)",
      "podIPs": [{"ip": "\#(addressPlaceholder)"}], "startTime": "2026-11-23T08:50:07Z",
      "containerStatuses": [{"name": "api", "state": {"running": {"startedAt": "2026-11-23T08:50:08Z"}},
        "lastState": {}, "ready": true, "restartCount": 0, "image": "registry.example.com/team/api:2026.11.23-4f1c2d3",
        "imageID": "registry.example.com/team/api@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "containerID": "containerd://2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae", "started": true}],
      "qosClass": "Burstable"}
    """#
}
