// sifctl signer list|show. Runs with the rights of the admin.
#include "keystore/cli/commands.h"

#include <time.h>

#include <array>
#include <memory>
#include <nlohmann/json.hpp>

#include "keystore/base/json_values.h"
#include "keystore/base/text.h"
#include "keystore/cli/key_output.h"
#include "keystore/cli/node_revocation.h"
#include "keystore/cli/session.h"
#include "keystore/cli/signer_json.h"
#include "keystore/cli/signer_uses.h"
#include "keystore/trust/signer_standing.h"
#include "sifguard/paths.h"

namespace sifguard {
namespace {

using Json = nlohmann::ordered_json;

std::string expiry(const SignerRecord& signer) {
  return signer.expires == 0 ? "never" : format_utc(signer.expires);
}

std::string_view counts_name(SignerStanding::Counts counts) {
  constexpr std::array<std::string_view, 3> kNames = {"all", "older", "none"};
  return kNames.at(static_cast<std::size_t>(counts));
}

Json to_json(const SignerRecord& signer, const SignerStanding& standing) {
  Json object = signer_to_json(signer);
  object["now"] = standing.word;
  object["counts"] = counts_name(standing.counts);
  object["why"] = text_or_null(standing.why);
  object["until"] = utc_or_null(standing.until);
  return object;
}

Status list_signers(const Session& session, const std::string& config) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const auto signers, keystore.signers());
  const Revocation revocation =
      signers.empty() ? Revocation::crl : node_revocation(session, config);
  SignerStandings standings(keystore, signers, revocation, ::time(nullptr));
  Json list = Json::array();
  std::vector<std::vector<std::string>> rows;
  for (const auto& signer : signers) {
    const SignerStanding standing = standings.of(signer);
    list.push_back(to_json(signer, standing));
    rows.push_back({signer.id, std::string(signer_type_name(signer.type())), standing.word,
                    signer.algorithm, expiry(signer), signer.label});
  }
  session.answer("signer-list", std::move(list));
  session.print_table({"SIGNER", "TYPE", "STATE", "ALGORITHM", "EXPIRES", "LABEL"}, rows);
  return {};
}

struct ShowOptions {
  std::string signer, config = SIFGUARD_CONFIG_FILE;
};

std::string moment(std::int64_t time) {
  return time == 0 ? std::string() : format_utc(time);
}

void print_signer(const Session& session, const SignerRecord& signer,
                  const SignerStanding& standing, const std::vector<std::string>& bindings) {
  session.print_fields({{"signer", signer.id},
                        {"type", std::string(signer_type_name(signer.type()))},
                        {"state", standing.word},
                        {"why", standing.why},
                        {"counts", std::string(counts_name(standing.counts))},
                        {"until", moment(standing.until)},
                        {"set to", shown_signer_state(signer)},
                        {"since", moment(signer.state_at)},
                        {"reason", signer.reason},
                        {"label", signer.label},
                        {"names", joined(signer.names)},
                        {"algorithm", signer.algorithm},
                        {"created", moment(signer.created)},
                        {"expires", expiry(signer)},
                        {"added", format_utc(signer.added)},
                        {"bindings", bindings.empty() ? "none" : joined(bindings)}});
}

Status show_signer(const Session& session, const ShowOptions& options) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const SignerRecord signer, keystore.find_signer(options.signer));
  SG_TRY(const auto signers, keystore.signers());
  SG_TRY(const auto bindings, bindings_naming(keystore, signer));
  SignerStandings standings(keystore, signers, node_revocation(session, options.config),
                            ::time(nullptr));
  const SignerStanding standing = standings.of(signer);
  Json object = to_json(signer, standing);
  object["bindings"] = bindings;
  session.answer("signer", std::move(object));
  print_signer(session, signer, standing, bindings);
  return {};
}

void offer_config(CLI::App* command, std::string& config) {
  command->add_option("--config", config, "The node's configuration, for its `revocation`")
      ->type_name("FILE")
      ->capture_default_str();
}

void add_show(CLI::App& group, Session& session) {
  auto* command = group.add_subcommand("show", "Show one signer, and which bindings name it");
  const auto options = std::make_shared<ShowOptions>();
  command->add_option("signer", options->signer, "As `signer list` shows it; fingerprints in full")
      ->required()
      ->type_name("SIGNER");
  offer_config(command, options->config);
  command->footer(R"(
The state is how a launch judges the signer now, as in `signer list`.
  sifctl signer show spki:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08)");
  session.on_read(command, [&session, options] { return show_signer(session, *options); });
}

}  // namespace

void add_signer_list(CLI::App& group, Session& session) {
  add_show(group, session);
  auto* command = group.add_subcommand("list", "List the signers, and whether they count now");
  command->footer(R"(
STATE is how a launch judges a signer now: active; retired (only older OpenPGP signatures count); revoked;
revoked (CRL) or (OCSP), by its CA; expired; not yet valid; untrusted (no CA of `trust list` issued it);
revocation unknown (no list or answer shows that it is not revoked); cannot sign. --json says why, which
signatures count (all, older, none), until when, and as "state" what was set.
  sifctl signer list
  sifctl signer list --json)");
  const auto config = std::make_shared<std::string>(SIFGUARD_CONFIG_FILE);
  offer_config(command, *config);
  session.on_read(command, [&session, config] { return list_signers(session, *config); });
}

}  // namespace sifguard
