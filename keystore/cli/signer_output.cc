// What `sifctl signer add`, `signer fetch` and `import shipyard` have in common. Runs with the
// rights of the admin.
#include "keystore/cli/signer_output.h"

#include <time.h>

#include <nlohmann/json.hpp>

#include "keystore/base/exit_status.h"
#include "keystore/base/one_line.h"
#include "keystore/base/text.h"
#include "keystore/cli/note_published.h"
#include "keystore/cli/signer_json.h"
#include "keystore/cli/signer_uses.h"

namespace sifguard {
namespace {

/// In what it comes back that was removed.
void tell_remembered(const Session& session, const SignerRecord& now, const NewSigner& signer) {
  if (now.state != SignerState::active) {
    session.note(
        now.id + ": " + std::string(signer_state_name(now.state)) + " since " +
        format_utc(now.state_at) + ", as it was when it was removed" +
        (now.state == SignerState::retired ? "; sifctl signer restore takes that back" : ""));
  }
  for (const std::string& each : signer.remembered) session.note(now.id + ": " + each);
}

}  // namespace

Result<PutSigner> put_signer(Keystore& keystore, const NewSigner& signer) {
  PutSigner put;
  put.known = keystore.find_signer(signer.record.id).has_value();
  SG_TRY(auto stored, keystore.put_signer(signer.record, signer.key, signer.merged_with));
  put.outcome = stored.outcome;
  put.record = std::move(stored.record);
  return put;
}

Status tell_news(Session& session, const Keystore& keystore, const NewSigner& signer,
                 const PutSigner& put) {
  if (!put.known) tell_remembered(session, put.record, signer);
  for (const std::string& each : signer.news) session.note(signer.record.id + ": " + each);
  if (!signer.ended.empty()) {
    session.note("the key " + signer.record.id + " " + signer.ended +
                 ": no image that it signed runs any more");
    session.status = kBadNewsStatus;
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
  SG_TRY(const PutSigner put, put_signer(keystore, signer));
  session.answer("signer", signer_to_json(put.record));
  const std::string shown = record.id + " " + one_line(record.label, 200);
  if (put.outcome == Keystore::Added::unchanged) {
    session.unchanged(shown + " is in the keystore already");
  } else {
    session.tell(put.known ? "refreshed" : "added", shown);
  }
  for (const std::string& name : record.names) {
    if (name != record.id) session.out("  bindings may call it " + one_line(name, 1100) + "\n");
  }
  const bool ended = record.expires != 0 && record.expires <= ::time(nullptr);
  if (!put.known && ended && record.type() == SignerType::openpgp) {
    session.out("  what signs of it expired on " + format_utc(record.expires) +
                ": no signature counts before it is renewed\n");
  }
  if (signer.left_out) {
    session.note(record.id +
                 ": what the key says of itself in the future is left out; check the "
                 "clocks of this host and of the one that made it, and add the key again then");
  }
  return tell_news(session, keystore, signer, put);
}

}  // namespace sifguard
