// What a shell may offer for values of sifctl's options and arguments. The rights of the user who
// types.
#include "keystore/cli/known_values.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "keystore/base/json_tree.h"
#include "keystore/base/run_program.h"
#include "keystore/base/text.h"
#include "keystore/store/key_state.h"

namespace sifguard {
namespace {

constexpr std::size_t kLongestList = 4UL * 1024 * 1024;
constexpr int kPatienceMs = 5000;

/// Which list has the values: `sifctl GROUP VERB --json`, of each item this member.
struct List {
  const char* group;
  const char* verb;
  const char* member;
};

/// An empty command is any; `what` is the type of the value, or the option's name.
struct Source {
  std::string_view command;
  std::string_view what;
  List list;
};

constexpr List kKeys{"key", "list", "name"};
constexpr List kSigners{"signer", "list", "id"};
constexpr List kBindings{"image", "list", "name"};

constexpr std::array kSources = {
    Source{"", "KEY", kKeys},
    Source{"", "SIGNER", kSigners},
    Source{"image bind", "FPR", kSigners},
    Source{"", "BINDING", kBindings},
    Source{"", "--binding", kBindings},
    Source{"image bind", "NAME", kBindings},
    Source{"setup", "--key", kKeys},
    Source{"setup", "--bind", kBindings},
    Source{"image show", "NAME", kBindings},
    Source{"image unbind", "NAME", kBindings},
    Source{"image unpublish", "NAME", {"image", "published", "name"}},
    Source{"", "SERIAL|FILE", {"ca", "list", "serial"}},
    Source{"trust remove", "ID", {"trust", "list", "id"}},
    Source{"breakglass end", "ID", {"breakglass", "list", "id"}},
    Source{"digest restore", "sha256:HEX", {"digest", "list", "digest"}},
    Source{"digest show", "sha256:HEX", {"digest", "list", "digest"}},
};

/// What has a form of its own, of which some forms are usual.
std::vector<std::string> usual(const CompletedValue& value) {
  if (value.type == "REASON") return split(kRevocationReasons, '|');
  if (value.name == "--ttl") return {"30m", "1h", "8h", "24h"};
  if (value.type == "URI") return {"pkcs11:"};
  if (value.name != "--seal") return {};
  return {"file",
          "file:/etc/sifguard/store.key",
          "systemd-creds",
          "systemd-creds:host",
          "systemd-creds:tpm2",
          "systemd-creds:host+tpm2",
          "pkcs11:"};
}

std::optional<List> list_of(const CompletedValue& value) {
  for (const Source& source : kSources) {
    const bool here = source.command.empty() || source.command == value.command;
    if (here && (source.what == value.type || source.what == value.name)) return source.list;
  }
  return std::nullopt;
}

std::vector<std::string> keystore_words(const std::vector<std::string>& typed) {
  constexpr std::string_view kOption = "--keystore";
  for (std::size_t i = 0; i < typed.size(); ++i) {
    if (typed[i] == kOption && i + 1 < typed.size()) return {typed[i], typed[i + 1]};
    if (typed[i].starts_with(std::string(kOption) + "=")) return {typed[i]};
  }
  const char* const named = std::getenv("SIFGUARD_KEYSTORE");
  return named == nullptr || *named == '\0' ? std::vector<std::string>{}
                                            : std::vector<std::string>{std::string(kOption), named};
}

std::vector<std::string> ask(const List& list, std::vector<std::string> words) {
  words.insert(words.end(), {list.group, list.verb, "--json"});
  std::error_code error;
  ProgramRun run;
  run.program = std::filesystem::read_symlink("/proc/self/exe", error);
  run.arguments = std::move(words);
  run.output_limit = kLongestList;
  run.timeout_ms = kPatienceMs;
  const auto answer = run_program(run);
  if (!answer) return {};
  const std::string_view text{reinterpret_cast<const char*>(answer->bytes().data()),
                              answer->bytes().size()};
  JsonRules rules;
  rules.max_bytes = kLongestList;
  const auto tree = json_tree<nlohmann::json>(text, rules);
  std::vector<std::string> values;
  if (!tree) return values;
  for (const auto& item : tree->value("items", nlohmann::json::array())) {
    const auto found = item.find(list.member);
    if (found != item.end() && found->is_string()) values.push_back(found->get<std::string>());
  }
  return values;
}

}  // namespace

ValuesOf known_values(const std::vector<std::string>& typed) {
  return [typed](const CompletedValue& value) {
    const auto list = list_of(value);
    return list ? ask(*list, keystore_words(typed)) : usual(value);
  };
}

}  // namespace sifguard
