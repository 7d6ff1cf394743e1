// What `sifctl signer add`, `signer fetch` and `import shipyard` have in common. Runs with the
// rights of the admin.
#include "keystore/cli/signer_output.h"

#include "keystore/base/one_line.h"
#include "keystore/cli/note_published.h"
#include "keystore/cli/signer_uses.h"

namespace sifguard {
Status tell_news(Session& session, const Keystore& keystore, const NewSigner& signer) {
  for (const std::string& each : signer.news) session.note(signer.record.id + ": " + each);
  if (!signer.ended.empty()) {
    session.note("the key " + signer.record.id + " " + signer.ended +
                 ": no image that it signed runs any more");
    session.status = kSignerEndedStatus;
  }
  if (signer.ended.empty() && signer.news.empty()) return {};
  SG_CHECK(note_bindings(session, keystore, signer.record));
  if (signer.record.state == SignerState::revoked) {
    note_published(session, keystore, [&](const PublishedRecord& copy) {
      return is_one_of(copy.source_signers, signer.record);
    });
  }
  return {};
}

Status store_signer(Session& session, Keystore& keystore, const NewSigner& signer) {
  const SignerRecord& record = signer.record;
  const bool known = keystore.find_signer(record.id).has_value();
  SG_TRY(const auto outcome, keystore.add_signer(record, signer.key, signer.merged_with));
  const bool unchanged = outcome == Keystore::Added::unchanged;
  session.out((unchanged ? "already in the keystore, nothing changed: "
               : known   ? "refreshed "
                         : "added ") +
              record.id + " " + one_line(record.label, 200) + "\n");
  for (const std::string& name : record.names) {
    if (name != record.id) session.out("  bindings may call it " + one_line(name, 1100) + "\n");
  }
  if (signer.left_out) {
    session.note(record.id + ": what the key says of itself in the future is left out; check the "
                 "clocks of this host and of the one that made it, and add the key again then");
  }
  return tell_news(session, keystore, signer);
}

}  // namespace sifguard
