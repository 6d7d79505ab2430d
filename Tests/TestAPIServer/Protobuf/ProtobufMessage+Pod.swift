/// The messages of a Pod.
extension ProtobufMessage {
  private static let volumeMount = ProtobufMessage(
    .always(1, "name", .string), .always(2, "readOnly", .flag), .always(3, "mountPath", .string),
    .always(4, "subPath", .string), .always(6, "subPathExpr", .string))

  private static let environmentVariable = ProtobufMessage(
    .always(1, "name", .string), .always(2, "value", .string))

  private static let containerPort = ProtobufMessage(
    .always(1, "name", .string), .always(2, "hostPort", .integer), .always(3, "containerPort", .integer),
    .always(4, "protocol", .string), .always(5, "hostIP", .string))

  private static let resources = ProtobufMessage(
    .ifSet(1, "limits", .map(.wrapped)), .ifSet(2, "requests", .map(.wrapped)))

  private static let httpGet = ProtobufMessage(
    .always(1, "path", .string), .always(2, "port", .integerOrString), .always(3, "host", .string),
    .always(4, "scheme", .string))

  private static let probe = ProtobufMessage(
    .always(1, "", .inline(ProtobufMessage(.ifSet(2, "httpGet", .message(httpGet))))),
    .always(2, "initialDelaySeconds", .integer), .always(3, "timeoutSeconds", .integer),
    .always(4, "periodSeconds", .integer), .always(5, "successThreshold", .integer),
    .always(6, "failureThreshold", .integer))

  private static let container = ProtobufMessage(
    .always(1, "name", .string), .always(2, "image", .string), .ifSet(3, "command", .list(.string)),
    .ifSet(4, "args", .list(.string)), .always(5, "workingDir", .string),
    .ifSet(6, "ports", .list(.message(containerPort))), .ifSet(7, "env", .list(.message(environmentVariable))),
    .always(8, "resources", .message(resources)), .ifSet(9, "volumeMounts", .list(.message(volumeMount))),
    .ifSet(10, "livenessProbe", .message(probe)), .ifSet(11, "readinessProbe", .message(probe)),
    .always(13, "terminationMessagePath", .string), .always(14, "imagePullPolicy", .string),
    .always(16, "stdin", .flag), .always(17, "stdinOnce", .flag), .always(18, "tty", .flag),
    .always(20, "terminationMessagePolicy", .string))

  private static let projection = ProtobufMessage(
    .ifSet(
      3, "configMap",
      .message(
        ProtobufMessage(
          .always(1, "", .inline(ProtobufMessage(.always(1, "name", .string)))),
          .ifSet(
            2, "items", .list(.message(ProtobufMessage(.always(1, "key", .string), .always(2, "path", .string)))))))),
    .ifSet(
      4, "serviceAccountToken",
      .message(
        ProtobufMessage(
          .always(1, "audience", .string), .ifSet(2, "expirationSeconds", .integer), .always(3, "path", .string)))))

  private static let volumeSource = ProtobufMessage(
    .ifSet(2, "emptyDir", .message(ProtobufMessage(.always(1, "medium", .string)))),
    .ifSet(
      26, "projected",
      .message(
        ProtobufMessage(.ifSet(1, "sources", .list(.message(projection))), .ifSet(2, "defaultMode", .integer)))))

  private static let toleration = ProtobufMessage(
    .always(1, "key", .string), .always(2, "operator", .string), .always(3, "value", .string),
    .always(4, "effect", .string), .ifSet(5, "tolerationSeconds", .integer))

  private static let podSpec = ProtobufMessage(
    .ifSet(
      1, "volumes",
      .list(.message(ProtobufMessage(.always(1, "name", .string), .always(2, "", .inline(volumeSource)))))),
    .ifSet(2, "containers", .list(.message(container))), .always(3, "restartPolicy", .string),
    .ifSet(4, "terminationGracePeriodSeconds", .integer), .always(6, "dnsPolicy", .string),
    .always(8, "serviceAccountName", .string), .always(9, "serviceAccount", .string),
    .always(10, "nodeName", .string),
    .always(11, "hostNetwork", .flag), .always(12, "hostPID", .flag), .always(13, "hostIPC", .flag),
    .ifSet(14, "securityContext", .message(ProtobufMessage())), .always(16, "hostname", .string),
    .always(17, "subdomain", .string), .always(19, "schedulerName", .string),
    .ifSet(22, "tolerations", .list(.message(toleration))), .always(24, "priorityClassName", .string),
    .ifSet(25, "priority", .integer), .ifSet(30, "enableServiceLinks", .flag), .ifSet(31, "preemptionPolicy", .string)
  )

  // MARK: Status

  private static let condition = ProtobufMessage(
    .always(1, "type", .string), .always(2, "status", .string), .always(3, "lastProbeTime", .time),
    .always(4, "lastTransitionTime", .time), .always(5, "reason", .string), .always(6, "message", .string),
    .always(7, "observedGeneration", .integer))

  private static let containerState = ProtobufMessage(
    .ifSet(2, "running", .message(ProtobufMessage(.always(1, "startedAt", .time)))))

  private static let containerStatus = ProtobufMessage(
    .always(1, "name", .string), .always(2, "state", .message(containerState)),
    .always(3, "lastState", .message(containerState)), .always(4, "ready", .flag),
    .always(5, "restartCount", .integer), .always(6, "image", .string), .always(7, "imageID", .string),
    .always(8, "containerID", .string), .ifSet(9, "started", .flag))

  private static let address = ProtobufMessage(.always(1, "ip", .string))

  private static let podStatus = ProtobufMessage(
    .always(1, "phase", .string), .ifSet(2, "conditions", .list(.message(condition))), .always(3, "message", .string),
    .always(4, "reason", .string), .always(5, "hostIP", .string), .always(6, "podIP", .string),
    .ifSet(7, "startTime", .time), .ifSet(8, "containerStatuses", .list(.message(containerStatus))),
    .always(9, "qosClass", .string), .always(11, "nominatedNodeName", .string),
    .ifSet(12, "podIPs", .list(.message(address))), .always(14, "resize", .string),
    .ifSet(16, "hostIPs", .list(.message(address))), .always(17, "observedGeneration", .integer))

  /// `Pod`.
  static let pod = ProtobufMessage(
    .always(1, "metadata", .message(objectMeta)), .always(2, "spec", .message(podSpec)),
    .always(3, "status", .message(podStatus)))
}
