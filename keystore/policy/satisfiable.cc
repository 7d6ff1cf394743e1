// Whether any image can have a name that a pattern matches. Pure.
//
// The pattern is an automaton as names are one (name_grammar.h), and both are walked together: a
// pair of states that is reached once need not be reached again.
#include "keystore/policy/satisfiable.h"

#include <algorithm>
#include <cstdint>
#include <unordered_set>
#include <vector>

#include "keystore/policy/image_name.h"
#include "keystore/policy/name_grammar.h"
#include "keystore/policy/pattern_element.h"

namespace sifguard {
namespace {

/// What a component that is not read to its end may go on with, of any characters that names tell
/// apart; the last stands for all beyond ASCII.
constexpr std::string_view kAnything = "a.s-h_:0@[]%?A2G4/5g6~37'\x80";

struct Token {
  enum class Kind { slash, deep, star, one };
  Kind kind = Kind::one;
  std::string takes = {};  ///< of `one`: these characters
  std::size_t begin = 0;   ///< in the pattern
  bool hidden = false;     ///< the dot that a component begins with
};

std::string characters_of(std::string_view element) {
  if (element == "?") return std::string(kAnything);
  if (element[0] != '[') return std::string(1, element[0]);
  std::string all;
  for (char c = 1; c > 0 && c < 127; ++c) {
    if (set_takes(element, c)) all += c;
  }
  if (set_takes(element, '\x80')) all += '\x80';
  return all;
}

/// `text` is what the grammar reads, and lies at `offset` of the pattern.
std::vector<Token> tokens_of(std::string_view text, std::size_t offset) {
  std::vector<Token> tokens;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view component = text.substr(at + 1, text.find('/', at + 1) - at - 1);
    const bool deep = component == "**";
    tokens.push_back({deep ? Token::Kind::deep : Token::Kind::slash, {}, offset + at});
    const std::size_t first = offset + at + 1;
    std::size_t begin = first;
    for (const std::string_view element : elements_of(deep ? std::string_view() : component)) {
      const bool star = element == "*";
      tokens.push_back({star ? Token::Kind::star : Token::Kind::one,
                        star ? std::string() : characters_of(element), begin,
                        begin == first && element == "."});
      begin += element.size();
    }
    at += 1 + component.size();
  }
  return tokens;
}

/// How much of a component was read. The first character of one is a dot only where the pattern
/// says so itself.
enum class Read : unsigned { between, nothing, something, deep_nothing, deep_something };

struct Pair {
  std::size_t token = 0;
  Read read = Read::between;
  NameGrammar::State state = 0;
};

class Walk {
 public:
  Walk(const std::vector<Token>& tokens, NameGrammar::Kind kind)
      : tokens_(tokens), grammar_(kind) {}

  bool finds_a_name() {
    reach({0, Read::between, NameGrammar::start()});
    while (!open_.empty()) {
      const Pair pair = open_.back();
      open_.pop_back();
      if (pair.token == tokens_.size() && grammar_.is_name(pair.state) &&
          pair.read != Read::nothing) {
        return true;
      }
      go_on(pair);
    }
    return false;
  }

  [[nodiscard]] std::size_t furthest() const noexcept { return furthest_; }

 private:
  void reach(const Pair& pair) {
    if (pair.state == 0) return;
    constexpr unsigned kReadBits = 3;
    const std::uint64_t key =
        (std::uint64_t{pair.token} << kReadBits | static_cast<std::uint64_t>(pair.read)) << 32U |
        pair.state;
    if (!seen_.insert(key).second) return;
    furthest_ = std::max(furthest_, pair.token);
    open_.push_back(pair);
  }

  void take(const Pair& from, std::string_view characters, std::size_t token, Read read,
            bool hidden = false) {
    const bool begins = from.read == Read::nothing || from.read == Read::deep_nothing;
    for (const char c : characters) {
      if (c == '/' || (c == '.' && begins && !hidden)) continue;
      reach({token, read, grammar_.next(from.state, c)});
    }
  }

  void go_on(const Pair& pair) {
    if (pair.read == Read::deep_nothing || pair.read == Read::deep_something) {
      take(pair, kAnything, pair.token, Read::deep_something);
      if (pair.read == Read::deep_something) reach({pair.token, Read::between, pair.state});
      return;
    }
    if (pair.token == tokens_.size()) return;
    const Token& token = tokens_[pair.token];
    switch (token.kind) {
      case Token::Kind::deep:
        if (pair.read == Read::nothing) return;
        reach({pair.token + 1, Read::between, pair.state});
        reach({pair.token, Read::deep_nothing, grammar_.next(pair.state, '/')});
        return;
      case Token::Kind::slash:
        if (pair.read == Read::nothing) return;
        reach({pair.token + 1, Read::nothing, grammar_.next(pair.state, '/')});
        return;
      case Token::Kind::star:
        reach({pair.token + 1, pair.read, pair.state});
        take(pair, kAnything, pair.token, Read::something);
        return;
      case Token::Kind::one:
        take(pair, token.takes, pair.token + 1, Read::something, token.hidden);
        return;
    }
  }

  const std::vector<Token>& tokens_;
  NameGrammar grammar_;
  std::vector<Pair> open_;
  std::unordered_set<std::uint64_t> seen_;
  std::size_t furthest_ = 0;
};

std::vector<NameGrammar::Kind> kinds_of(std::string_view pattern) {
  using Kind = NameGrammar::Kind;
  if (pattern.starts_with('/')) return {Kind::path};
  if (pattern.starts_with("oras")) return {Kind::oras};
  if (pattern.starts_with("https")) return {Kind::https};
  return {Kind::library, Kind::library_without_host};
}

}  // namespace

std::optional<std::string> unmatchable_rest(std::string_view pattern) {
  const bool path = pattern.starts_with('/');
  // A path without sets has names: "a" for each wildcard.
  if (path && pattern.find('[') == std::string_view::npos) return std::nullopt;
  const std::size_t offset = path ? 0 : pattern.find("://") + 2;
  const std::vector<Token> tokens = tokens_of(pattern.substr(offset), offset);
  std::size_t furthest = 0;
  for (const NameGrammar::Kind kind : kinds_of(pattern)) {
    Walk walk(tokens, kind);
    if (walk.finds_a_name()) return std::nullopt;
    furthest = std::max(furthest, walk.furthest());
  }
  if (furthest == tokens.size()) return std::string();
  return std::string(pattern.substr(tokens[furthest].begin));
}

}  // namespace sifguard
