// Typed access to a strict YAML document, with errors that name the place. Pure; any process.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keystore/policy/yaml.h"

namespace sifguard {

/// A node, its file and the name of its field. The node and the file's name must outlive it.
class YamlView {
 public:
  YamlView(const YamlNode& node, std::string_view file, std::string label, int line)
      : node_(&node), file_(file), label_(std::move(label)), line_(line) {}
  YamlView(const YamlNode& root, std::string_view file) : YamlView(root, file, "", root.line) {}

  [[nodiscard]] int line() const noexcept { return line_; }
  [[nodiscard]] const YamlNode& node() const noexcept { return *node_; }
  /// The same node under another name in messages.
  [[nodiscard]] YamlView labelled(std::string label) const {
    return {*node_, file_, std::move(label), line_};
  }

  /// Code::config, "FILE:LINE: LABEL: what".
  [[nodiscard]] tl::unexpected<Error> error(const std::string& what, std::string remedy = {}) const;

  /// Checks that it is a mapping with no other fields than these; the message suggests the most
  /// similar one.
  Status only_fields(std::initializer_list<std::string_view> known) const;
  [[nodiscard]] std::optional<YamlView> field(std::string_view name) const;
  [[nodiscard]] Result<YamlView> required(std::string_view name) const;
  /// The items of a list (possibly empty).
  [[nodiscard]] Result<std::vector<YamlView>> items() const;

  /// A scalar that is not null and not empty; a plain number or boolean is returned as written.
  [[nodiscard]] Result<std::string> text() const;
  /// A decimal number without quotes, sign or leading zero, up to `largest`.
  [[nodiscard]] Result<std::int64_t> number(std::int64_t smallest, std::int64_t largest) const;
  /// `true` or `false`, without quotes; the other words of YAML 1.1 are refused.
  [[nodiscard]] Result<bool> boolean() const;
  /// A list of text(), not empty and without repetition.
  [[nodiscard]] Result<std::vector<std::string>> texts() const;

 private:
  const YamlNode* node_;
  std::string_view file_;
  std::string label_;
  int line_;
};

}  // namespace sifguard
