// sifctl ca revoke|crl|expire. Runs with the rights of the admin of the CA's host.
#include <time.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "keystore/base/clock.h"
#include "keystore/base/one_line.h"
#include "keystore/base/text.h"
#include "keystore/cli/ca_output.h"
#include "keystore/cli/clock_option.h"
#include "keystore/cli/commands.h"
#include "keystore/cli/consequences.h"
#include "keystore/cli/note_published.h"
#include "keystore/cli/session.h"
#include "keystore/cli/signer_uses.h"
#include "keystore/x509/describe_certificate.h"

namespace sifguard {
namespace {

constexpr int kMaxCrlDays = 3650;

struct CaRevokeOptions {
  std::string what, reason = "unspecified", out, authority;
  int days = 7, older = 90;
  bool force = false, der = false, dry_run = false;
  ClockOption clock;
  ActOptions act;
};

/// Whether a signer's certificate is the one that is revoked, one of its key, or issued by it.
bool is_concerned(const SignerCertificate& signer, const RevokedCertificate& revoked,
                  const std::string& reason) {
  const IssuedCertificate& one = revoked.record;
  if (one.profile == Profile::intermediate && signer.issuer == one.subject) return true;
  return signer.spki == one.spki && (signer.serial == one.serial || concerns_key(one, reason));
}

/// Of the signers of this keystore, which nodes may have, too.
Status tell_before(const Session& session, const Keystore& keystore, const CaRevokeOptions& options,
                   const RevokedCertificate& revoked) {
  LostSigners lost;
  std::set<std::string> kept;
  SG_TRY(const auto signers, keystore.signers());
  for (const SignerRecord& signer : signers) {
    if (signer.type() != SignerType::certificate) continue;
    SG_TRY(const std::string pem, keystore.signer_key(signer.id));
    const auto described = describe_signer_certificate(pem);
    if (!described || !is_concerned(*described, revoked, options.reason)) {
      if (signer.counts(0)) kept.insert(signer.names.begin(), signer.names.end());
      continue;
    }
    session.note("it is the certificate of the signer " + signer.id + " '" + signer.label +
                 "', or issued by it");
    SG_CHECK(note_bindings(session, keystore, signer));
    lost.names.insert(signer.names.begin(), signer.names.end());
  }
  for (const std::string& name : kept) lost.names.erase(name);
  if (lost.names.empty()) return {};
  note_published(session, keystore, [&](const PublishedRecord& copy) {
    return std::any_of(copy.source_signers.begin(), copy.source_signers.end(),
                       [&](const std::string& name) { return lost.names.count(name) > 0; });
  });
  return tell_launches(session, options.act, keystore, lost);
}

Result<RevokedCertificate> revoke_or_plan(const Session& session, const Keystore& keystore,
                                          const CaRevokeOptions& options) {
  SG_TRY(const std::string what, certificate_argument(options.what));
  const ClosingTime time = options.clock.closing_time(keystore);
  SG_TRY(RevokedCertificate planned,
         revoke_certificate(keystore, what, options.reason, time.at, true));
  const bool changes = planned.changed || planned.of_same_key > 0;
  time.tell(session, changes);
  if (changes) {
    SG_CHECK(tell_before(session, keystore, options, planned));
    SG_CHECK(ask_before_final(options.act, "Revoking the certificate " + planned.record.serial +
                                               " of '" + planned.record.subject + "'"));
  }
  if (options.act.dry_run) return planned;
  return revoke_certificate(keystore, what, options.reason, time.at);
}

Status revoke(const Session& session, const CaRevokeOptions& options) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const RevokedCertificate done, revoke_or_plan(session, keystore, options));
  if (done.of_same_key > 0) {
    session.note(std::to_string(done.of_same_key) +
                 (done.of_same_key == 1
                      ? " other certificate of the same key is revoked with it"
                      : " other certificates of the same key are revoked with it"));
  }
  if (done.adopted) session.note("the index did not know this certificate of this CA; it does now");
  if (options.act.dry_run) session.note("nothing was changed: --dry-run");
  answer_certificate(session, done.record);
  if (!done.changed && done.of_same_key == 0 && !done.adopted) session.mark_unchanged();
  if (session.json) return {};
  const std::string shown = done.record.serial + " " + one_line(done.record.subject, 300);
  session.out(!done.changed
                  ? shown + " is revoked already: no change\n"
                  : (options.act.dry_run ? "not done: --dry-run; would be revoked: " : "revoked ") +
                        shown + "\n");
  tell_handovers(session, keystore);
  if (!done.changed) return {};
  session.out("this is final: a revoked certificate stays revoked\n");
  session.note("nodes know it from the next list: sifctl ca crl --out FILE");
  return {};
}

Status crl(const Session& session, const CaRevokeOptions& options) {
  if (options.days < 1 || options.days > kMaxCrlDays) {
    return fail(Code::usage, "a revocation list is valid for 1 to 3650 days");
  }
  if (options.out != "-" && options.out.empty()) return fail(Code::usage, "--out is empty");
  SG_TRY(const Keystore keystore, session.keystore());
  SG_CHECK(options.clock.check(keystore, Dated::certificate_or_list));
  SG_TRY(const auto made, make_crls(keystore, options.authority, options.days, ::time(nullptr)));
  if (options.der && made.size() > 1) {
    return fail(Code::usage, "DER holds one list", "give --authority root or intermediate");
  }
  tell_handovers(session, keystore);
  std::string text;
  for (const MadeCrl& one : made) text += options.der ? one.der : one.pem;
  // Lists are made over and over: the older one is replaced, at once.
  SG_CHECK(write_output(session, options.out, text, true));
  auto array = nlohmann::ordered_json::array();
  for (const MadeCrl& one : made) {
    array.push_back({{"authority", one.authority},
                     {"number", one.number},
                     {"revoked", one.revoked},
                     {"until", format_utc(one.until)}});
    if (options.out == "-" && !session.dry_run) continue;
    const std::string shown = "list " + std::to_string(one.number) + " of the " + one.authority +
                              ": " + std::to_string(one.revoked) + " revoked, until " +
                              format_utc(one.until);
    session.tell_as(shown, "made", shown);
  }
  session.answer("crl-list", std::move(array));
  return {};
}

Status expire(const Session& session, const CaRevokeOptions& options) {
  if (options.older < 0) return fail(Code::usage, "--older-than is not negative");
  SG_TRY(const Keystore keystore, session.keystore());
  SG_CHECK(options.clock.check(keystore, Dated::certificate_or_list));
  const std::int64_t before = ::time(nullptr) - options.older * kDay;
  SG_TRY(const auto gone, purge_expired(keystore, before, options.dry_run));
  list_certificates(session, gone);
  if (gone.empty()) session.unchanged("nothing ended that long ago");
  return {};
}

}  // namespace

void add_ca_revoke(CLI::App& group, Session& session) {
  auto* revoking = group.add_subcommand("revoke", "Revoke a certificate permanently");
  revoking->footer(R"(
With keyCompromise or cACompromise all certificates of the same key are revoked. First it shows which
signers and bindings of this keystore are affected, and, from the audit logs, who would be refused. It is
final, and asks. If the clock is far ahead of the last record, the time of that record is used.
  sifctl ca revoke carol.pem --reason keyCompromise
  sifctl ca revoke 5f0c1a2b --reason cessationOfOperation)");
  const auto bad = std::make_shared<CaRevokeOptions>();
  revoking->add_option("certificate", bad->what, "Its serial number, or its PEM file")
      ->required()
      ->type_name("SERIAL|FILE");
  revoking->add_option("--reason", bad->reason, "Why, as in RFC 5280")
      ->type_name(kRevocationReasons)
      ->required();
  bad->act.offer(*revoking, true);
  bad->clock.offer(revoking);
  session.on_closing(revoking, [&session, bad] { return revoke(session, *bad); });

  auto* listing = group.add_subcommand("crl", "Make revocation lists");
  listing->footer(R"(
One file, which is replaced, with a list of each authority, PEM. Make new lists before the old ones expire:
nodes refuse certificates that only an expired list covers.
  sifctl ca crl --out crl.pem && sifctl trust add-crl crl.pem
  sifctl ca crl --authority intermediate --der --days 2 --out /srv/www/pki/intermediate.crl)");
  const auto options = std::make_shared<CaRevokeOptions>();
  listing->add_option("--out", options->out, "Where to write; - is stdout")
      ->required()
      ->type_name("FILE");
  listing->add_option("--days", options->days, "How long they are valid")
      ->type_name("N")
      ->capture_default_str();
  listing->add_option("--authority", options->authority, "Only of this one")
      ->type_name("root|intermediate");
  listing->add_flag("--der", options->der, "DER instead of PEM, as web servers of CAs have it");
  options->clock.offer(listing);
  Session::offer_dry_run(listing);
  session.on_closing(listing, [&session, options] { return crl(session, *options); });

  auto* expiring = group.add_subcommand("expire", "Remove certificates that expired long ago");
  expiring->footer(R"(
Their serial numbers stay known. A revoked one is removed once a list made after its end has named it.
  sifctl ca expire --older-than 365 --dry-run)");
  const auto old = std::make_shared<CaRevokeOptions>();
  expiring->add_option("--older-than", old->older, "That ended so many days ago")
      ->type_name("DAYS")
      ->capture_default_str();
  expiring->add_flag("--dry-run", old->dry_run, "Show them, and change nothing");
  old->clock.offer(expiring);
  session.on_change(expiring, [&session, old] { return expire(session, *old); });
}

}  // namespace sifguard
