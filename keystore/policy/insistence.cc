// What a node enforces, from what its sifguard.yaml says and from what else says so. Pure.
#include "keystore/policy/insistence.h"

namespace sifguard {
namespace {

constexpr const char* kPutBack =
    "correct it, or write 'enforce: requested' in it to end the enforcement";

const char* who_insists(const Insistence& insistence) {
  return insistence.argument ? "plugstack.conf says that this node enforces images"
                             : "this node enforced images when it was last understood";
}

/// Whether there is nothing that a file could have said: it is gone, or empty as after a crash.
bool has_no_words(const enforcement_record::Identity& file) {
  return file.kind != enforcement_record::Identity::kThere || file.size == 0;
}

}  // namespace

Result<std::optional<Config>> settle_enforcement(const Result<Config>& read,
                                                 const enforcement_record::Identity& file,
                                                 const Insistence& insistence) {
  if (!read) {
    if (read.error().code() == Code::temporary) return tl::unexpected(read.error());
    if (!insistence.any()) return std::optional<Config>{};
    return fail(read.error().code(), read.error().what() + " (" + who_insists(insistence) + ")",
                read.error().remedy().empty() ? kPutBack : read.error().remedy());
  }
  Config config = *read;
  if (config.enforce != Enforce::requested) return config;
  if (insistence.remembered && has_no_words(file)) {
    return fail(Code::config,
                "the node's configuration is gone or empty, and it enforced images before",
                "put sifguard.yaml back; 'enforce: requested' in it ends the enforcement");
  }
  if (!insistence.argument) return config;
  if (config.enforce_said) {
    return fail(Code::config,
                "sifguard.yaml says 'enforce: requested', plugstack.conf says 'enforce'",
                "remove the one or the other");
  }
  config.enforce = Enforce::always;
  return config;
}

}  // namespace sifguard
