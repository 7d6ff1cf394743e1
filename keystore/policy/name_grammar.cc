// What the canonical names of images look like, character by character. Pure.
#include "keystore/policy/name_grammar.h"

#include <array>
#include <string_view>

#include "keystore/base/contains.h"

namespace sifguard {
namespace {

using State = NameGrammar::State;

/// Where in a name a state is; with each goes a count.
enum Phase : unsigned {
  kDead,
  kStart,
  kHost,        // its first character
  kLabel,       // behind a letter or digit
  kHyphen,      // behind a '-'
  kNextLabel,   // behind a '.'
  kAddress,     // in an IPv6 address
  kAddressEnd,  // behind its ']'
  kPort,        // the count is the port so far, see representative()
  kComponent,   // its first character; the count is how many there are with it
  kDot,         // behind "."
  kDots,        // behind ".."
  kName,        // behind anything else
  kEscape,      // behind '%'; two digits follow
  kEscapeDigit,
  kTag,  // the count is its length
  kDigest,
  kQuery,  // the count is 0 before its first character
  kQueryEscape,
  kQueryEscapeDigit,
};

constexpr unsigned kCountBits = 24;
constexpr unsigned kLibraryComponents = 3;
constexpr unsigned kMaxTag = 128;
constexpr std::string_view kSha256 = "sha256:";
constexpr unsigned kDigestLength = 7 + 64;

constexpr State state(Phase phase, unsigned count = 0) {
  return static_cast<State>(phase) << kCountBits | count;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_hex(char c, bool upper) {
  return is_digit(c) || (upper ? c >= 'A' && c <= 'F' : c >= 'a' && c <= 'f');
}
bool is_one_of(char c, std::string_view all) {
  return all.find(c) != std::string_view::npos;
}

/// Whether the tag or digest of which `count` characters are read may go on with this one.
bool in_reference(unsigned phase, unsigned count, char c) {
  if (phase == kDigest) {
    return count < kSha256.size() ? c == kSha256[count] : count < kDigestLength && is_hex(c, false);
  }
  if (count == kMaxTag) return false;
  return is_lower(c) || is_upper(c) || is_digit(c) || c == '_' ||
         (count > 0 && (c == '.' || c == '-'));
}

/// One port for all that go on alike: few states, where there are many ports.
unsigned representative(unsigned port) {
  constexpr std::array<unsigned, 7> kKept = {4, 44, 443, 6, 65, 655, 6553};
  constexpr std::array<unsigned, 4> kLimit = {6, 65, 655, 6553};  // of 65535
  constexpr std::array<unsigned, 5> kLess = {1, 11, 111, 1111, 11111};
  constexpr std::array<unsigned, 4> kMore = {7, 77, 777, 7777};
  if (contains(kKept, port)) return port;
  const std::size_t digits = port < 10      ? 0
                             : port < 100   ? 1
                             : port < 1000  ? 2
                             : port < 10000 ? 3
                                            : 4;
  return digits == 4 || port < kLimit[digits] ? kLess[digits] : kMore[digits];
}

}  // namespace

State NameGrammar::start() noexcept {
  return state(kStart);
}

/// Of a component, but '.', which is looked at for itself.
bool NameGrammar::is_plain(char c) const noexcept {
  if (kind_ == Kind::path) return c != '/' && c != '.' && c != '\0';
  if (is_lower(c) || is_digit(c) || c == '_' || c == '-') return true;
  if (kind_ == Kind::oras) return false;
  return is_upper(c) || (kind_ == Kind::https && is_one_of(c, "~!$&'()*+,=:@"));
}

State NameGrammar::in_host(unsigned phase, char c) const noexcept {
  if (phase == kAddress) {
    if (c == ']') return state(kAddressEnd);
    return is_hex(c, false) || c == ':' || c == '.' ? state(kAddress) : kDead;
  }
  if (phase == kHost && c == '[') return state(kAddress);
  if (phase != kAddressEnd && (is_lower(c) || is_digit(c))) return state(kLabel);
  if (phase == kHyphen || phase == kLabel) {
    if (c == '-') return state(kHyphen);
  }
  if (phase == kLabel && c == '.') return state(kNextLabel);
  if (phase != kLabel && phase != kAddressEnd) return kDead;
  return c == ':' ? state(kPort) : c == '/' ? state(kComponent, 1) : kDead;
}

State NameGrammar::in_port(unsigned port, char c) const noexcept {
  constexpr unsigned kHttpsPort = 443;
  constexpr unsigned kMax = 65535;
  if (c == '/') return port != 0 && port != kHttpsPort ? state(kComponent, 1) : kDead;
  if (!is_digit(c) || (port == 0 && c == '0')) return kDead;
  const unsigned more = port * 10 + static_cast<unsigned>(c - '0');
  return more > kMax ? kDead : state(kPort, representative(more));
}

State NameGrammar::in_component(unsigned phase, unsigned count, char c) const noexcept {
  if (c == '.') return state(phase == kComponent ? kDot : phase == kDot ? kDots : kName, count);
  if (is_plain(c)) return state(kName, count);
  if (c == '%' && kind_ == Kind::https) return state(kEscape, count);
  return phase == kName ? after_name(count, c) : kDead;
}

State NameGrammar::after_name(unsigned count, char c) const noexcept {
  const bool library = kind_ == Kind::library || kind_ == Kind::library_without_host;
  if (c == '/') {
    if (library) return count < kLibraryComponents ? state(kComponent, count + 1) : kDead;
    return state(kComponent, count);
  }
  if (c == ':' && (kind_ == Kind::oras || (library && count == kLibraryComponents))) {
    return state(kTag);
  }
  if (c == '@' && kind_ == Kind::oras) return state(kDigest);
  return c == '?' && kind_ == Kind::https ? state(kQuery) : kDead;
}

State NameGrammar::in_query(unsigned phase, char c) const noexcept {
  if (phase == kQueryEscape) return is_hex(c, true) ? state(kQueryEscapeDigit) : kDead;
  if (phase == kQueryEscapeDigit) return is_hex(c, true) ? state(kQuery, 1) : kDead;
  if (c == '%') return state(kQueryEscape);
  return is_plain(c) || is_one_of(c, "./?;") ? state(kQuery, 1) : kDead;
}

State NameGrammar::next(State from, char c) const noexcept {
  const unsigned phase = from >> kCountBits;
  const unsigned count = from & ((1U << kCountBits) - 1);
  switch (phase) {
    case kStart:
      if (c != '/') return kDead;
      return kind_ == Kind::path || kind_ == Kind::library_without_host ? state(kComponent, 1)
                                                                        : state(kHost);
    case kHost:
    case kLabel:
    case kHyphen:
    case kNextLabel:
    case kAddress:
    case kAddressEnd:
      return in_host(phase, c);
    case kPort:
      return in_port(count, c);
    case kComponent:
    case kDot:
    case kDots:
    case kName:
      return in_component(phase, count, c);
    case kEscape:
      return is_hex(c, true) ? state(kEscapeDigit, count) : kDead;
    case kEscapeDigit:
      return is_hex(c, true) ? state(kName, count) : kDead;
    case kTag:
    case kDigest:
      return in_reference(phase, count, c) ? state(static_cast<Phase>(phase), count + 1) : kDead;
    case kQuery:
    case kQueryEscape:
    case kQueryEscapeDigit:
      return in_query(phase, c);
    default:
      return kDead;
  }
}

bool NameGrammar::is_name(State at) const noexcept {
  const unsigned phase = at >> kCountBits;
  const unsigned count = at & ((1U << kCountBits) - 1);
  switch (kind_) {
    case Kind::path:
      return phase == kName;
    case Kind::https:
      return phase == kName || (phase == kQuery && count > 0);
    case Kind::oras:
      return (phase == kTag && count > 0) || (phase == kDigest && count == kDigestLength);
    case Kind::library:
    case Kind::library_without_host:
      return phase == kTag && count > 0;
  }
  return false;
}

}  // namespace sifguard
