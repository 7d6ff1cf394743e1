// sifctl ca list|show: what was issued, and its state. Runs with the rights of the admin of
// the CA's host.
#include <time.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "keystore/base/text.h"
#include "keystore/cli/ca_output.h"
#include "keystore/cli/commands.h"
#include "keystore/cli/session.h"
#include "keystore/x509/trust_file.h"

namespace sifguard {
namespace {

using Json = nlohmann::ordered_json;

struct CaListOptions {
  std::string state, what;
  int within = kExpiringDays;
  bool pem = false;
};

Status list(const Session& session, const CaListOptions& options) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(CaIndex index, ca_index(keystore));
  const JudgedBy by{options.within, index.is_intermediate_good(::time(nullptr))};
  if (!options.state.empty()) {
    std::string wanted = options.state;  // as it is typed, one word
    std::replace(wanted.begin(), wanted.end(), '-', ' ');
    std::erase_if(index.issued,
                  [&](const IssuedCertificate& one) { return shown_state(one, by) != wanted; });
  }
  list_certificates(session, index.issued, by);
  return {};
}

struct Shown {
  std::string authority;
  TrustFile file;
  LastCrl crl;
  std::string token;  ///< the URI of its key, if that is in one
};

Result<std::vector<Shown>> authorities(const Keystore& keystore) {
  SG_TRY(const CaCertificates own, ca_certificates(keystore));
  SG_TRY(const CaIndex index, ca_index(keystore));
  SG_CHECK(check_complete(keystore, index));
  std::vector<Shown> all;
  for (const char* name : {kRootAuthority, kIntermediateAuthority}) {
    const std::string& pem = name == kRootAuthority ? own.root : own.intermediate;
    if (pem.empty()) continue;
    SG_TRY(auto files, read_ca_certificates(pem, name == kRootAuthority));
    SG_TRY(const Issuer issuer, load_issuer(keystore, name));
    const auto last = index.crls.find(name);
    all.push_back({name, files.front(), last == index.crls.end() ? LastCrl() : last->second,
                   issuer.key.token_uri()});
  }
  return all;
}

nlohmann::ordered_json to_json(const std::vector<Shown>& all) {
  Json array = Json::array();
  for (const Shown& one : all) {
    const bool listed = one.crl.made > 0;
    array.push_back({{"authority", one.authority},
                     {"subject", one.file.subject},
                     {"sha256", one.file.name},
                     {"from", format_utc(one.file.from)},
                     {"until", format_utc(one.file.until)},
                     {"token", one.token.empty() ? Json() : Json(one.token)},
                     {"crl_number", listed ? Json(one.crl.number) : Json()},
                     {"crl_made", listed ? Json(format_utc(one.crl.made)) : Json()}});
  }
  return array;
}

Status show_ca(const Session& session, const Keystore& keystore, bool pem) {
  SG_TRY(const CaCertificates own, ca_certificates(keystore));
  if (pem) {
    if (session.json) answer_ca(session, keystore);
    session.out_content(own.root + own.intermediate);
    return {};
  }
  SG_TRY(const auto all, authorities(keystore));
  session.answer("ca", to_json(all));
  for (const Shown& one : all) {
    const bool listed = one.crl.made > 0;
    session.print_fields(
        {{"authority", one.authority},
         {"subject", one.file.subject},
         {"SHA-256", one.file.name},
         {"from", format_utc(one.file.from)},
         {"until", format_utc(one.file.until)},
         {"key", one.token.empty() ? "held" : one.token},
         {"last CRL",
          listed ? std::to_string(one.crl.number) + " of " + format_utc(one.crl.made) : "none"}});
  }
  return {};
}

Status show(const Session& session, const CaListOptions& options) {
  SG_TRY(const Keystore keystore, session.keystore());
  if (options.what.empty()) return show_ca(session, keystore, options.pem);
  SG_TRY(const std::string what, certificate_argument(options.what));
  SG_TRY(CaIndex index, ca_index(keystore));
  SG_TRY(const FoundCertificate found, find_certificate(keystore, index, what));
  const JudgedBy by{kExpiringDays, index.is_intermediate_good(::time(nullptr))};
  if (options.pem) {
    SG_TRY(const std::string pem, read_ca_certificate(keystore, found.record->serial));
    answer_certificate(session, *found.record, by);
    session.out_content(pem);
    return {};
  }
  show_certificate(session, *found.record, by);
  return {};
}

}  // namespace

void answer_ca(const Session& session, const Keystore& keystore) {
  if (const auto all = authorities(keystore)) session.answer("ca", to_json(*all));
}

void add_ca_list(CLI::App& group, Session& session) {
  auto* listing = group.add_subcommand("list", "List what was issued");
  listing->footer(R"(
States: valid, expiring, expired, revoked; issuer revoked means that the intermediate CA that issued it was
revoked or has expired, so that it is valid nowhere.
  sifctl ca list
  sifctl ca list --state expiring --within 60 --json)");
  const auto options = std::make_shared<CaListOptions>();
  listing->add_option("--state", options->state, "Only these")
      ->type_name("valid|expiring|expired|issuer-revoked|revoked")
      ->check(CLI::IsMember({"valid", "expiring", "expired", "issuer-revoked", "revoked"}));
  listing
      ->add_option("--within", options->within,
                   "How many days before its end a certificate is expiring")
      ->type_name("DAYS")
      ->capture_default_str();
  session.on_read(listing, [&session, options] { return list(session, *options); });

  auto* showing = group.add_subcommand("show", "Show the CA, or one certificate");
  showing->footer(R"(
  sifctl ca show
  sifctl ca show --pem > bundle.pem
  sifctl ca show 5f0c1a2b --json)");
  const auto one = std::make_shared<CaListOptions>();
  showing->add_option("certificate", one->what, "Its serial number, or its PEM file")
      ->type_name("SERIAL|FILE");
  showing->add_flag("--pem", one->pem, "Write the certificate itself");
  session.on_read(showing, [&session, one] { return show(session, *one); });
}

}  // namespace sifguard
