// sifctl trust remove. Runs with the rights of the admin.
#include "keystore/cli/commands.h"

#include <time.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "keystore/base/pasted.h"
#include "keystore/base/text.h"
#include "keystore/cli/consequences.h"
#include "keystore/cli/node_revocation.h"
#include "keystore/cli/session.h"
#include "keystore/cli/signer_uses.h"
#include "keystore/store/trust_store.h"
#include "keystore/trust/signer_standing.h"

namespace sifguard {
namespace {

constexpr std::size_t kMinPrefix = 8;

struct RemoveOptions {
  std::string id;
  ActOptions act;
};

struct Found {
  TrustKind kind;
  std::string name;
};

Result<Found> find_item(const Keystore& keystore, const std::string& typed) {
  const std::string prefix = to_lower(pasted_hex(typed));
  if (prefix.size() < kMinPrefix) {
    return fail(Code::usage, "'" + printable(prefix, 100) + "' is too short an id",
                "give 8 digits or more");
  }
  for (const TrustKind kind : kTrustKinds) {
    SG_TRY(auto items, trust_items(keystore, kind));
    std::erase_if(items, [&](const TrustItem& one) { return !one.name.starts_with(prefix); });
    if (items.size() > 1) {
      return fail(Code::absent, "the id '" + prefix + "' is ambiguous", "give more digits");
    }
    if (!items.empty()) return Found{kind, items.front().name};
  }
  return fail(Code::absent,
              "the keystore trusts nothing with the id '" + printable(prefix, 100) + "'",
              "sifctl trust list");
}

/// The signers whose standing changes with the item: who counts no more, and who does again.
Status tell_signers(const Session& session, const RemoveOptions& options, const Keystore& keystore,
                    const Found& item) {
  SG_TRY(const auto signers, keystore.signers());
  const Revocation revocation = node_revocation(session, options.act.config);
  const std::int64_t now = ::time(nullptr);
  SignerStandings before(keystore, signers, revocation, now);
  SignerStandings after(keystore, signers, revocation, now, item.name);
  LostSigners lost;
  std::set<std::string> kept;
  for (const SignerRecord& signer : signers) {
    const SignerStanding was = before.of(signer);
    const SignerStanding is = after.of(signer);
    const bool counted = was.counts != SignerStanding::Counts::none;
    const bool counts = is.counts != SignerStanding::Counts::none;
    if (counts) kept.insert(signer.names.begin(), signer.names.end());
    if (counts == counted) continue;
    session.note(counts ? "counts again without it: " + signer.id + " '" + signer.label +
                              "', which was " + was.word
                        : "counts no more without it: " + signer.id + " '" + signer.label +
                              "', which " + is.why);
    if (counts) continue;
    lost.names.insert(signer.names.begin(), signer.names.end());
    SG_CHECK(note_bindings(session, keystore, signer));
  }
  for (const std::string& name : kept) lost.names.erase(name);
  return tell_launches(session, options.act, keystore, lost);
}

Status remove(const Session& session, const RemoveOptions& options) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const Found item, find_item(keystore, options.id));
  SG_CHECK(tell_signers(session, options, keystore, item));
  const std::string kind(trust_kind_name(item.kind));
  session.answer("trust-item", {{"kind", kind}, {"id", item.name}});
  SG_TRY(const std::string removed, remove_trust_item(keystore, item.kind, item.name));
  session.tell("removed", kind + " " + removed);
  return {};
}

}  // namespace

void add_trust_remove(CLI::App& group, Session& session) {
  auto* remover = group.add_subcommand("remove", "Remove one of them");
  remover->footer(R"(
First it shows which signers are no longer accepted without it, or accepted again, and, from the audit
logs, who would be refused.
  sifctl trust remove 1f3a5b7c9d0e2f4a
  sifctl trust remove 1f3a5b7c9d0e2f4a --dry-run)");
  const auto o = std::make_shared<RemoveOptions>();
  remover->add_option("id", o->id, "As `trust list` shows it, 8 digits or more")
      ->required()
      ->type_name("ID");
  o->act.offer(*remover, false);
  session.on_closing(remover, [&session, o] { return remove(session, *o); });
}

}  // namespace sifguard
