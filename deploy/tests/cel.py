"""CEL as the API server has it: the functions that Kubernetes adds, for the rules of our CRDs (x-kubernetes-validations)."""

import ipaddress

import celpy
from celpy import celtypes

# Words of the language that are fields of ours: the API server lets rules name them so only.
RESERVED = {"namespace": "__namespace__"}


class Block:
    """An address block: `cidr(text)`."""

    def __init__(self, text):
        address, _, length = str(text).partition("/")
        if not length.isdigit() or length != str(int(length)):
            raise ValueError(f"{text} is not a block")
        self.address = parse_address(address)
        self.network = ipaddress.ip_network(str(text), strict=False)

    def __eq__(self, other):
        return (self.address, self.network) == (other.address, other.network)


def parse_address(text):
    """`ip(text)`: Go's netip, without zones and IPv4-mapped IPv6."""
    address = ipaddress.ip_address(str(text))
    if address.version == 6 and (address.scope_id or address.ipv4_mapped):
        raise ValueError(f"{text} has a zone, or is IPv4-mapped")
    return address


def holds(parse):
    """Whether text can be parsed, as CEL's function `isX`."""

    def check(text):
        try:
            parse(text)
        except ValueError:
            return celtypes.BoolType(False)
        return celtypes.BoolType(True)

    return check


def masked(block):
    return Block(block.network)


def substring(text, start, end=None):
    if not 0 <= start <= (len(text) if end is None else end) <= len(text):
        raise ValueError("substring out of range")
    return celtypes.StringType(text[int(start) : None if end is None else int(end)])


FUNCTIONS = {
    "isIP": holds(parse_address),
    "isCIDR": holds(Block),
    "ip": lambda value: value.address if isinstance(value, Block) else parse_address(value),
    "family": lambda address: celtypes.IntType(address.version),
    "cidr": Block,
    "masked": masked,
    "prefixLength": lambda block: celtypes.IntType(block.network.prefixlen),
    "substring": substring,
    "lastIndexOf": lambda text, part: celtypes.IntType(text.rfind(part)),
    "lowerAscii": lambda text: celtypes.StringType(text.lower()),
    "replace": lambda text, old, new: celtypes.StringType(text.replace(old, new)),
}


def value(data):
    """Data as CEL sees it, its reserved field names escaped."""
    if isinstance(data, dict):
        return {RESERVED.get(key, key): value(item) for key, item in data.items()}
    if isinstance(data, list):
        return [value(item) for item in data]
    return data


class Rules:
    """Compiles each rule once."""

    def __init__(self):
        self.environment = celpy.Environment()
        self.programs = {}

    def holds(self, rule, data):
        """Whether a rule holds of `self`; one that fails to evaluate does not."""
        if rule not in self.programs:
            self.programs[rule] = self.environment.program(self.environment.compile(rule), functions=FUNCTIONS)
        try:
            return bool(self.programs[rule].evaluate({"self": celpy.json_to_cel(value(data))}))
        except (celpy.CELEvalError, ValueError):
            return False
