// sifctl key rotate: makes the key that replaces another. Runs with the rights of the admin.
//
// The new key records which one it replaces and gets the same rule; images.yaml does not change. A
// binding that names the old key can use both, until the old one is suspended or revoked.
#include "keystore/cli/commands.h"

#include <time.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <nlohmann/json.hpp>

#include "keystore/base/text.h"
#include "keystore/cli/key_make.h"
#include "keystore/cli/key_output.h"
#include "keystore/cli/key_uses.h"
#include "keystore/cli/session.h"
#include "keystore/crypto/certificate.h"

namespace sifguard {
namespace {

struct KeyRotateOptions {
  std::string key;
  KeyMaker maker;
};

/// "lolcow" → "lolcow-2" → "lolcow-3", without those that are taken.
std::string next_name(const std::string& name, const std::vector<KeyRecord>& all) {
  std::string stem = name;
  unsigned number = 1;
  const std::size_t dash = name.rfind('-');
  if (dash != std::string::npos && dash > 0 && name[std::min(dash + 1, name.size() - 1)] != '0') {
    const char* const end = name.data() + name.size();
    unsigned read = 0;
    const auto [stop, problem] = std::from_chars(name.data() + dash + 1, end, read);
    if (problem == std::errc{} && stop == end && read >= 2 && read < 1000000) {
      stem = name.substr(0, dash);
      number = read;
    }
  }
  for (;;) {
    std::string next = stem + "-" + std::to_string(++number);
    const bool taken =
        std::any_of(all.begin(), all.end(), [&](const KeyRecord& key) { return key.name == next; });
    if (!taken) return next;
  }
}

Status check_old(const KeyRecord& old, const std::string& successor) {
  if (old.state == KeyState::destroyed) {
    return fail(Code::wrong_state, "the key '" + old.name + "' is destroyed",
                "make a key of its own with sifctl key create");
  }
  if (successor.empty()) return {};
  return fail(Code::wrong_state,
              "the key '" + old.name + "' is replaced already, by '" + successor + "'",
              "rotate that one");
}

/// Chooses the new key's name where none is given. What an interrupted run has put into the
/// keystore already is finished under the name that it has.
Status choose_name(const Keystore& keystore, const KeyRecord& old,
                   const std::vector<KeyRecord>& all, KeyMaker& maker) {
  const auto successor = std::find_if(
      all.begin(), all.end(), [&](const KeyRecord& key) { return key.predecessor == old.id; });
  const bool there = successor != all.end();
  const bool same = there && (maker.name.empty() || maker.name == successor->name);
  if (same && maker.was_making(keystore, *successor)) {
    maker.name = successor->name;
    return {};
  }
  if (maker.name.empty()) maker.name = next_name(old.name, all);
  return check_old(old, there ? successor->name : std::string());
}

/// The key as it would be; its id is known when it is made.
KeyRecord planned(const KeyMaker& maker, const KeyRecord& old) {
  KeyRecord key;
  key.name = maker.name;
  key.bits = old.bits;
  key.created = key.state_since = ::time(nullptr);
  key.has_private = true;
  key.predecessor = old.id;
  key.rule = old.rule;
  return key;
}

/// The key as it is in the files of an interrupted run, or as it is in the keystore already.
Result<KeyRecord> begun(const Keystore& keystore, const KeyPair& made, KeyRecord key) {
  SG_TRY(const RsaPublicKey half, made.key.public_key());
  SG_TRY(key.id, half.id());
  SG_TRY(key.thumbprint, certificate_thumbprint(*made.certificate));
  const auto there = keystore.find_key(key.id);
  return there ? *there : key;
}

Status tell_plan(const Session& session, const Keystore& keystore, const KeyMaker& maker,
                 const KeyRecord& old, const std::vector<KeyRecord>& all) {
  SG_TRY(const auto left, maker.try_out(keystore));
  KeyRecord key = planned(maker, old);
  if (left) {
    SG_TRY(key, begun(keystore, *left, std::move(key)));
  }
  session.out((left ? "an interrupted run has made " + maker.name + ": it would be finished, and "
                    : maker.name + " would ") +
              "replace " + old.name + ", not done: --dry-run\n");
  session.answer("key", key_to_json(key, Replacements(all)));
  return {};
}

Status rotate(const Session& session, KeyRotateOptions& options) {
  SG_TRY(Keystore keystore, session.keystore());
  SG_TRY(const KeyRecord old, keystore.find_key(options.key));
  SG_TRY(const auto all, keystore.keys());
  KeyMaker& maker = options.maker;
  SG_CHECK(choose_name(keystore, old, all, maker));
  maker.bits = old.bits;
  maker.predecessor = old.id;
  SG_CHECK(maker.check_early(keystore));
  SG_TRY(const auto bindings, bindings_of_key(keystore, old));
  if (session.dry_run) {
    SG_CHECK(tell_plan(session, keystore, maker, old, all));
  } else {
    SG_CHECK(maker.make(session, keystore));
  }
  if (!bindings.empty()) {
    session.note("the new key serves the bindings of the old one too: " + joined(bindings));
  }
  if (decrypts(old.state)) {
    session.note(
        "encrypt new images for '" + maker.name + "', the old ones anew, then: sifctl key " +
        (old.state == KeyState::active ? "retire " : "revoke --reason superseded ") + old.name);
  }
  return {};
}

}  // namespace

void add_key_rotate(CLI::App& group, Session& session) {
  auto* command = group.add_subcommand("rotate", "Make a key of the same size to replace another");
  command->footer(R"(
The new key, NAME-2 unless --name says otherwise, has the rule of the old one. Bindings that name the
old key can use both; the old one is usable until it is suspended or revoked.
  sifctl key rotate lolcow
  sifctl key rotate lolcow --name lolcow-2027 --pfx-password-file pw --file-prefix mycert)");
  const auto options = std::make_shared<KeyRotateOptions>();
  command->add_option("key", options->key, kKeyReference)->required()->type_name("KEY");
  command->add_option("--name", options->maker.name, "Name of the new key")->type_name("NAME");
  options->maker.offer(command);
  Session::offer_dry_run(command);
  session.on_change(command, [&session, options] { return rotate(session, *options); });
}

}  // namespace sifguard
