// What the canonical names of images look like (image_name.h), character by character: to tell
// which patterns can match one. Pure.
#pragma once

#include <cstdint>

namespace sifguard {

/// An automaton that takes every canonical name and, beyond that, little: lengths and hosts that
/// are numbers are not looked at. It reads what stands behind "scheme:/", or the whole path: each
/// component with the slash before it.
class NameGrammar {
 public:
  enum class Kind { path, oras, library, library_without_host, https };

  /// 0 is the state from which no name comes.
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
