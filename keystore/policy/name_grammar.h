// The grammar of canonical image names (image_name.h), character by character, for determining
// which patterns can match one. Pure.
#pragma once

#include <cstdint>

namespace sifguard {

/// An automaton that accepts every canonical name and few other texts: it does not check lengths
/// and numeric hosts. It reads the text after "scheme:/", or the whole path: each component with
/// the slash before it.
class NameGrammar {
 public:
  enum class Kind { path, oras, library, library_without_host, https };

  /// 0 is the state from which no name can be reached.
  using State = std::uint32_t;

  explicit NameGrammar(Kind kind) noexcept : kind_(kind) {}
  [[nodiscard]] static State start() noexcept;
  [[nodiscard]] State next(State state, char c) const noexcept;
  [[nodiscard]] bool is_name(State state) const noexcept;

 private:
  [[nodiscard]] bool is_plain(char c) const noexcept;
  [[nodiscard]] State in_host(unsigned phase, char c) const noexcept;
  [[nodiscard]] State in_port(unsigned port, char c) const noexcept;
  [[nodiscard]] State in_component(unsigned phase, unsigned count, char c) const noexcept;
  [[nodiscard]] State after_name(unsigned count, char c) const noexcept;
  [[nodiscard]] State in_query(unsigned phase, char c) const noexcept;
  Kind kind_;
};

}  // namespace sifguard
