/// A JSON value whose members keep their order, as the API server's answers do.
public enum JSON: Hashable, Sendable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number, as it is written.
  case number(String)
  /// A string.
  case string(String)
  /// An array.
  case array([JSON])
  /// An object, its members in order.
  case object([Member])

  /// A name and its value.
  public struct Member: Hashable, Sendable {
    /// The name.
    public var name: String
    /// The value.
    public var value: JSON

    /// A member of name and value.
    public init(_ name: String, _ value: JSON) {
      self.name = name
      self.value = value
    }
  }

  /// The members of an object; of all else, none.
  public var members: [Member] { if case .object(let members) = self { members } else { [] } }
  /// The elements of an array; of all else, none.
  public var elements: [JSON] { if case .array(let elements) = self { elements } else { [] } }
  /// The text of a string.
  public var text: String? { if case .string(let text) = self { text } else { nil } }
  /// The number, if it is a whole one.
  public var integer: Int? { if case .number(let text) = self { Int(text) } else { nil } }

  /// The value of a member; setting nil removes it, and what is no object becomes one.
  public subscript(name: String) -> JSON? {
    get { members.first { $0.name == name }?.value }
    set {
      var members = members
      let index = members.firstIndex { $0.name == name }
      switch (index, newValue) {
      case (let index?, let value?): members[index].value = value
      case (let index?, nil): members.remove(at: index)
      case (nil, let value?): members.append(Member(name, value))
      case (nil, nil): return
      }
      self = .object(members)
    }
  }

  /// The value below a path of member names.
  public subscript(path path: String...) -> JSON? {
    path.reduce(Optional(self)) { value, name in value?[name] }
  }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(stringLiteral text: String) { self = .string(text) }
  public init(integerLiteral number: Int) { self = .number(String(number)) }
  public init(booleanLiteral flag: Bool) { self = .bool(flag) }
  public init(arrayLiteral elements: JSON...) { self = .array(elements) }
  public init(dictionaryLiteral members: (String, JSON)...) { self = .object(members.map { Member($0, $1) }) }
}
