// What a node enforces, from its sifguard.yaml and from other sources. Pure.
#include "keystore/policy/insistence.h"

namespace sifguard {
namespace {

constexpr const char* kPutBack =
    "correct it, or write 'enforce: requested' in it to end the enforcement";

const char* who_insists(const Insistence& insistence) {
  return insistence.argument ? "plugstack.conf says that this node enforces images"
                             : "this node enforced images when it was last understood";
}

constexpr const char* kLost = "the node's configuration is gone or empty";

tl::unexpected<Error> lost(const Insistence& insistence) {
  if (!insistence.damaged_in.empty()) {
    return fail(Code::config,
                std::string(kLost) + ", and what this node remembers of it in " +
                    insistence.damaged_in + " is damaged or not root's alone",
                "chown root and chmod 0700 that directory, and say in sifguard.yaml what is "
                "enforced: 'enforce: requested' for nothing");
  }
  return fail(Code::config, std::string(kLost) + ", and it enforced images before",
              "put 'enforce: always' or 'enforce: {partitions: [NAME, …]}' back into it, or end "
              "the enforcement with 'enforce: requested'");
}

}  // namespace

Result<std::optional<Config>> settle_enforcement(const Result<Config>& read,
                                                 const Insistence& insistence) {
  if (!read) {
    if (read.error().code() == Code::temporary) return tl::unexpected(read.error());
    if (!insistence.any()) return std::optional<Config>{};
    return fail(read.error().code(), read.error().what() + " (" + who_insists(insistence) + ")",
                read.error().remedy().empty() ? kPutBack : read.error().remedy());
  }
  Config config = *read;
  if (config.enforce != Enforce::requested) return config;
  if (insistence.remembered && !config.says_anything) return lost(insistence);
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
