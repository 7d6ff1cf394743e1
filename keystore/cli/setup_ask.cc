// What `sifctl setup` asks on the terminal. The rights of the admin.
#include "keystore/cli/setup_ask.h"

#include "keystore/cli/confirm.h"
#include "keystore/store/policy_reader.h"

namespace sifguard {
namespace {

constexpr const char* kNone = "-";

/// How much the keystore has; nothing if it is missing or cannot be read, which the steps report.
struct Held {
  std::size_t signers = 0, keys = 0, bindings = 0;
};

Held held_in(const Session& session) {
  Held held;
  const auto keystore = session.keystore();
  if (!keystore) return held;
  if (const auto signers = keystore->signers()) held.signers = signers->size();
  if (const auto keys = keystore->keys()) held.keys = keys->size();
  const auto reader = PolicyReader::load(*keystore);
  const auto policy = reader ? reader->all() : Result<Policy>(tl::unexpected(reader.error()));
  if (policy) held.bindings = policy->bindings.size();
  return held;
}

/// Empty if the answer is kNone.
Result<std::string> ask_or_none(const std::string& question, const std::string& usual) {
  SG_TRY(std::string typed, ask_at_terminal(question + ", or " + kNone + " for none", usual));
  return typed == kNone ? std::string() : std::move(typed);
}

Status ask_binding(SetupWanted& wanted) {
  const std::string usual = wanted.key.empty() ? "images" : wanted.key;
  SG_TRY(wanted.bind.name,
         ask_or_none("Name for a binding, which says who may run which images", usual));
  if (wanted.bind.name.empty()) return {};
  SG_TRY(
      const std::string match,
      ask_at_terminal("Which images: an absolute path, which may contain *", "/apps/secure/*.sif"));
  wanted.bind.match = {match};
  SG_TRY(const std::string who,
         ask_at_terminal("Who may run them: everyone, or names of users, and of groups as @GROUP"));
  wanted.bind.audience.take(who);
  return {};
}

}  // namespace

Status ask_what_is_missing(const Session& session, SetupWanted& wanted) {
  const Held held = held_in(session);
  if (wanted.signer.file.empty() && held.signers == 0) {
    SG_TRY(wanted.signer.file,
           ask_or_none("File with the public key or certificate of the image builder", kNone));
  }
  if (wanted.key.empty() && held.keys == 0) {
    SG_TRY(wanted.key, ask_or_none("Name for a new key, which encrypts images", "images"));
  }
  const bool has_signer = !wanted.signer.file.empty() || held.signers == 1;
  if (wanted.bind.name.empty() && held.bindings == 0 && has_signer) return ask_binding(wanted);
  return {};
}

}  // namespace sifguard
