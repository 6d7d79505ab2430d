"""Validates objects against a CRD as the API server does, with `fieldValidation: Strict`, which kubectl asks for."""

import copy
import re

import jsonschema
import re2

from cel import Rules

METADATA = {
    "name", "generateName", "namespace", "labels", "annotations", "uid", "resourceVersion", "generation", "creationTimestamp",
    "deletionTimestamp", "deletionGracePeriodSeconds", "finalizers", "managedFields", "ownerReferences", "selfLink",
}  # fmt: skip
NAME = {"type": "string", "maxLength": 253, "pattern": r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"}
# What a branch of allOf, anyOf, oneOf and not may not have in a structural schema.
NOT_IN_BRANCHES = {"type", "additionalProperties", "default", "description", "title", "nullable"}
rules = Rules()


def same_type_and_value(left, right):
    return type(left) is type(right) and left == right


def pattern(validator, wanted, text, schema):
    if validator.is_type(text, "string") and not re2.search(wanted, text):
        yield jsonschema.ValidationError(f"{text!r} does not match {wanted!r}")


def cel(validator, validations, data, schema):
    for validation in validations:
        if not rules.holds(validation["rule"], data):
            yield jsonschema.ValidationError(validation["message"])


def list_type(validator, kind, items, schema):
    keys = schema.get("x-kubernetes-list-map-keys")
    if kind == "atomic" or not validator.is_type(items, "array"):
        return
    seen = []
    for item in items:
        identity = item if kind == "set" else [item.get(key) for key in keys]
        if any(same_type_and_value(identity, other) for other in seen):
            yield jsonschema.ValidationError(f"{identity!r} is there twice")
        seen.append(identity)


Validator = jsonschema.validators.extend(
    jsonschema.Draft4Validator,
    {"pattern": pattern, "x-kubernetes-validations": cel, "x-kubernetes-list-type": list_type},
)


class CRD:
    """A CustomResourceDefinition with one version."""

    def __init__(self, manifest):
        spec = manifest["spec"]
        self.kind = spec["names"]["kind"]
        [version] = spec["versions"]
        self.api_version = f"{spec['group']}/{version['name']}"
        self.columns = version["additionalPrinterColumns"]
        self.schema = version["schema"]["openAPIV3Schema"]
        strict = self.strict(self.schema)
        properties = strict["properties"]
        name = properties["metadata"].get("properties", {}).get("name", {})
        metadata = {key: {} for key in METADATA - {"namespace"}}  # an object of a cluster-scoped kind has none
        metadata["name"] = {"allOf": [NAME, name]}
        properties["metadata"] = {"type": "object", "properties": metadata, "additionalProperties": False, "required": ["name"]}
        self.validator = Validator(strict)

    def strict(self, schema):
        """The schema in which an unknown field is an error."""
        schema = copy.copy(schema)
        if "properties" in schema:
            schema["properties"] = {name: self.strict(inner) for name, inner in schema["properties"].items()}
            schema["additionalProperties"] = False
        elif "additionalProperties" in schema:
            schema["additionalProperties"] = self.strict(schema["additionalProperties"])
        if "items" in schema:
            schema["items"] = self.strict(schema["items"])
        return schema

    def errors(self, data):
        """What is wrong with an object, in words."""
        data = self.complete(data, self.schema)
        # Rules are looked at only where the shape is right: CEL's types are the schema's.
        found = [error for error in self.validator.iter_errors(data)]
        return [f"{'.'.join(map(str, error.absolute_path))}: {error.message}" for error in found]

    def complete(self, data, schema):
        """Drops fields that are null, and adds defaults, as the API server does before it validates."""
        if isinstance(data, list):
            return [self.complete(item, schema.get("items", {})) for item in data]
        if not isinstance(data, dict):
            return data
        properties = schema.get("properties", {})
        data = {
            key: self.complete(item, properties.get(key, {}))
            for key, item in data.items()
            if item is not None or key not in properties
        }
        for key, inner in properties.items():
            if "default" in inner:
                data.setdefault(key, inner["default"])
        return data

    def faults(self):
        """Why the API server would refuse the CRD itself, as far as Kubernetes' own schemas do not say it; and empty columns."""
        columns = [f"column {column['name']} is of no field" for column in self.columns if not self.has_field(column["jsonPath"])]
        return columns + list(self.structure(self.schema, "schema"))

    def has_field(self, path):
        """Whether the JSON path of a column leads to a field."""
        schema = self.schema
        for name in re.sub(r"\[[^]]*\]", ".[]", path).removeprefix(".").split("."):
            if schema is self.schema["properties"]["metadata"]:
                return name in METADATA
            schema = schema.get("items") if name == "[]" else schema.get("properties", {}).get(name)
            if schema is None:
                return False
        return True

    def structure(self, schema, path, is_branch=False):
        if is_branch:
            for key in NOT_IN_BRANCHES & schema.keys():
                yield f"{path}: a structural schema has no {key} here"
        elif not schema.get("type") and schema != {}:
            yield f"{path}: a structural schema has a type everywhere"
        if "pattern" in schema:
            re2.compile(schema["pattern"])
        for validation in schema.get("x-kubernetes-validations", []):
            rules.environment.compile(validation["rule"])
            if re.search(r"\.namespace\b", validation["rule"]):
                yield f"{path}: a rule must say __namespace__, for namespace is a word of CEL"
        if schema.get("x-kubernetes-validations") and not is_branch and schema["type"] in ("string", "array"):
            if "maxLength" not in schema and "maxItems" not in schema:
                yield f"{path}: without a limit the API server takes the rules for too expensive"
        for name, inner in schema.get("properties", {}).items():
            yield from self.structure(inner, f"{path}.{name}", is_branch)
        for key in ("items", "additionalProperties"):
            if key in schema:
                yield from self.structure(schema[key], f"{path}.{key}", is_branch)
        for key in ("allOf", "anyOf", "oneOf"):
            for inner in schema.get(key, []):
                yield from self.structure(inner, f"{path}.{key}", True)
        if "not" in schema:
            yield from self.structure(schema["not"], f"{path}.not", True)
