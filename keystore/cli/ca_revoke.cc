// sifctl ca revoke|crl|expire. Runs with the rights of the admin of the CA's host.
#include <time.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "keystore/base/one_line.h"
#include "keystore/base/text.h"
#include "keystore/cli/ca.h"
#include "keystore/cli/ca_output.h"
#include "keystore/cli/clock_option.h"

namespace sifguard {
namespace {

constexpr std::int64_t kDay = 86400;
constexpr int kMaxCrlDays = 3650;

struct Wish {
  std::string what, reason = "unspecified", out, authority;
  int days = 7, older = 90;
  bool force = false, der = false, dry_run = false;
  ClockOption clock;
};

Status revoke(const Session& session, const Wish& wish) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const std::string what, certificate_argument(wish.what));
  SG_TRY(const RevokedCertificate done,
         revoke_certificate(keystore, what, wish.reason, ::time(nullptr)));
  if (done.of_same_key > 0) {
    session.note(std::to_string(done.of_same_key) +
                 (done.of_same_key == 1
                      ? " other certificate of the same key is revoked with it"
                      : " other certificates of the same key are revoked with it"));
  }
  if (done.adopted) session.note("the index did not know this certificate of this CA; it does now");
  if (session.json) {
    show_certificate(session, done.record);
    return {};
  }
  session.out((done.changed ? "revoked " : "already revoked, nothing changed: ") +
              done.record.serial + " " + one_line(done.record.subject, 300) + "\n");
  tell_handovers(session, keystore);
  if (done.changed) session.note("nodes know it from the next list: sifctl ca crl --out FILE");
  return {};
}

Status crl(const Session& session, const Wish& wish) {
  if (wish.days < 1 || wish.days > kMaxCrlDays) {
    return fail(Code::usage, "a revocation list holds 1 to 3650 days");
  }
  if (wish.out != "-" && wish.out.empty()) return fail(Code::usage, "--out is empty");
  SG_TRY(const Keystore keystore, session.keystore());
  SG_CHECK(wish.clock.check_for_ca(keystore));
  SG_TRY(const auto made, make_crls(keystore, wish.authority, wish.days, ::time(nullptr)));
  if (wish.der && made.size() > 1) {
    return fail(Code::usage, "DER holds one list", "give --authority root or intermediate");
  }
  tell_handovers(session, keystore);
  std::string text;
  for (const MadeCrl& one : made) text += wish.der ? one.der : one.pem;
  // Lists are made over and over: the older one is replaced, at once.
  SG_CHECK(write_output(session, wish.out, text, true));
  if (wish.out == "-") return {};
  auto array = nlohmann::ordered_json::array();
  for (const MadeCrl& one : made) {
    if (session.json) {
      array.push_back({{"authority", one.authority},
                       {"number", one.number},
                       {"revoked", one.revoked},
                       {"until", format_utc(one.until)}});
    } else {
      session.out("list " + std::to_string(one.number) + " of the " + one.authority + ": " +
                  std::to_string(one.revoked) + " revoked, until " + format_utc(one.until) + "\n");
    }
  }
  if (session.json) session.print_json(array);
  return {};
}

Status expire(const Session& session, const Wish& wish) {
  if (wish.older < 0) return fail(Code::usage, "--older-than is not negative");
  SG_TRY(const Keystore keystore, session.keystore());
  SG_CHECK(wish.clock.check_for_ca(keystore));
  const std::int64_t before = ::time(nullptr) - wish.older * kDay;
  SG_TRY(const auto gone, purge_expired(keystore, before, wish.dry_run));
  list_certificates(session, gone, kExpiringDays);
  return {};
}

}  // namespace

void add_ca_revoke(CLI::App& group, Session& session) {
  auto* revoking = group.add_subcommand("revoke", "Revoke a certificate, for good");
  revoking->footer(R"(
With keyCompromise or cACompromise all certificates of the same key are revoked.
  sifctl ca revoke carol.pem --reason keyCompromise
  sifctl ca revoke 5f0c1a2b --reason cessationOfOperation)");
  const auto bad = std::make_shared<Wish>();
  revoking->add_option("certificate", bad->what, "Its serial number, or its PEM file")
      ->required()
      ->type_name("SERIAL|FILE");
  revoking->add_option("--reason", bad->reason, "Why, as in RFC 5280")
      ->type_name(kRevocationReasons)
      ->required();
  session.offer_json(revoking);
  session.on(revoking, [&session, bad] { return revoke(session, *bad); });

  auto* listing = group.add_subcommand("crl", "Make revocation lists");
  listing->footer(R"(
One of each authority, PEM, in one file, which is replaced. Make them more often than they end; nodes
refuse what a list that ended would have to prove.
  sifctl ca crl --out crl.pem && sifctl trust add-crl crl.pem
  sifctl ca crl --authority intermediate --der --days 2 --out /srv/www/pki/intermediate.crl)");
  const auto wish = std::make_shared<Wish>();
  listing->add_option("--out", wish->out, "Where to write; - is stdout")
      ->required()
      ->type_name("FILE");
  listing->add_option("--days", wish->days, "How long they hold")
      ->type_name("N")
      ->capture_default_str();
  listing->add_option("--authority", wish->authority, "Only of this one")
      ->type_name("root|intermediate");
  listing->add_flag("--der", wish->der, "DER instead of PEM, as web servers of CAs have it");
  wish->clock.offer(listing);
  session.offer_json(listing);
  session.on(listing, [&session, wish] { return crl(session, *wish); });

  auto* expiring = group.add_subcommand("expire", "Drop certificates that ended long ago");
  expiring->footer(R"(
Their serial numbers stay known. A revoked one is dropped once a list made after its end has named it.
  sifctl ca expire --older-than 365 --dry-run)");
  const auto old = std::make_shared<Wish>();
  expiring->add_option("--older-than", old->older, "That ended so many days ago")
      ->type_name("DAYS")
      ->capture_default_str();
  expiring->add_flag("--dry-run", old->dry_run, "Show them, and change nothing");
  old->clock.offer(expiring);
  session.offer_json(expiring);
  session.on(expiring, [&session, old] { return expire(session, *old); });
}

}  // namespace sifguard
