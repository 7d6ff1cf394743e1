// sifctl trust add-source|remove-source|sources: where revocation lists and OCSP answers come from.
// Runs with the rights of the admin.
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "keystore/base/contains.h"
#include "keystore/base/text.h"
#include "keystore/cli/commands.h"
#include "keystore/cli/session.h"
#include "keystore/store/trust_sources.h"
#include "keystore/x509/source_urls.h"

namespace sifguard {
namespace {

struct TrustSourcesOptions {
  std::string kind, value;
};

std::vector<std::string>* list_of(TrustSources& sources, const std::string& kind) {
  if (kind == "crl") return &sources.crl;
  if (kind == "ocsp") return &sources.ocsp;
  return kind == "host" ? &sources.hosts : nullptr;
}

/// As it is kept: a host in lower case, a URL as it was written.
Result<std::string> checked(const TrustSourcesOptions& options) {
  const bool host = options.kind == "host";
  const std::string url = host ? "http://" + options.value : options.value;
  const std::string found = host_of_url(url);
  const bool whole = !host || found == to_lower(options.value);
  if (!found.empty() && whole) return host ? found : url;
  return fail(Code::usage,
              std::string("not a usable ") + (host ? "host" : "URL") + ": '" +
                  printable(options.value, 200) + "'",
              host ? "write pki.example.org, or pki.example.org:8080"
                   : "write http://HOST/PATH or https://HOST/PATH");
}

void answer(const Session& session, const TrustSources& sources) {
  session.answer("trust-sources",
                 {{"crl", sources.crl},
                  {"ocsp", sources.ocsp},
                  {"hosts", sources.hosts},
                  {"proxy", sources.proxy.empty() ? nlohmann::ordered_json()
                                                  : nlohmann::ordered_json(sources.proxy)}});
}

/// False when it is one already.
bool add_to(TrustSources& sources, const std::string& kind, const std::string& value) {
  if (kind == "proxy") return std::exchange(sources.proxy, value) != value;
  auto& list = *list_of(sources, kind);
  if (contains(list, value)) return false;
  list.push_back(value);
  return true;
}

Status add(const Session& session, const TrustSourcesOptions& options) {
  SG_TRY(const std::string value, checked(options));
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(TrustSources sources, trust_sources(keystore));
  const std::string old = options.kind == "proxy" ? sources.proxy : "";  // there is only one
  const bool added = add_to(sources, options.kind, value);
  answer(session, sources);
  if (!added) {
    session.unchanged(options.kind + " " + value + " is a source already");
    return {};
  }
  SG_CHECK(set_trust_sources(keystore, sources));
  if (old.empty()) {
    session.tell("added", options.kind + " " + value);
  } else {
    session.tell("replaced", "proxy " + old + " by " + value);
  }
  return {};
}

Status remove(const Session& session, const TrustSourcesOptions& options) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(TrustSources sources, trust_sources(keystore));
  std::size_t gone = 0;
  for (auto* list : {&sources.crl, &sources.ocsp}) gone += std::erase(*list, options.value);
  gone += std::erase(sources.hosts, to_lower(options.value));
  if (sources.proxy == options.value && !options.value.empty()) {
    sources.proxy.clear();
    ++gone;
  }
  if (gone == 0) {
    return fail(Code::absent, "not a source: '" + printable(options.value, 200) + "'",
                "sifctl trust sources");
  }
  SG_CHECK(set_trust_sources(keystore, sources));
  answer(session, sources);
  session.tell("removed", printable(options.value, 1024));
  return {};
}

Status list_sources(const Session& session) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(TrustSources sources, trust_sources(keystore));
  answer(session, sources);
  std::vector<std::vector<std::string>> rows;
  for (const char* kind : {"crl", "ocsp", "host"}) {
    for (const std::string& value : *list_of(sources, kind)) rows.push_back({kind, value});
  }
  if (!sources.proxy.empty()) rows.push_back({"proxy", sources.proxy});
  session.print_table({"KIND", "SOURCE"}, rows);
  return {};
}

}  // namespace

void add_trust_sources(CLI::App& group, Session& session) {
  auto* adder = group.add_subcommand("add-source", "Fetch revocation lists or OCSP answers there");
  adder->footer(R"(
A responder is asked about the certificates of all signers, and the CAs above them. `host` allows URLs in
certificates, but only those at exactly this host; by default none is used. `proxy` is for all sources.
  sifctl trust add-source crl http://pki.example.org/root.crl
  sifctl trust add-source ocsp http://ocsp.example.org/
  sifctl trust add-source host pki.example.org)");
  const auto options = std::make_shared<TrustSourcesOptions>();
  adder->add_option("kind", options->kind, "What it has")
      ->required()
      ->type_name("crl|ocsp|host|proxy")
      ->check(CLI::IsMember({"crl", "ocsp", "host", "proxy"}));
  adder->add_option("source", options->value, "http or https; a host by its name")
      ->required()
      ->type_name("URL|HOST");
  Session::offer_dry_run(adder);
  session.on_change(adder, [&session, options] { return add(session, *options); });

  auto* remover = group.add_subcommand("remove-source", "Stop fetching there");
  remover->footer("\n  sifctl trust remove-source http://pki.example.org/root.crl");
  const auto old = std::make_shared<TrustSourcesOptions>();
  remover->add_option("source", old->value, "As `trust sources` shows it")
      ->required()
      ->type_name("URL|HOST");
  Session::offer_dry_run(remover);
  session.on_closing(remover, [&session, old] { return remove(session, *old); });

  auto* lister = group.add_subcommand("sources", "List the sources");
  lister->footer("\n  sifctl trust sources --json");
  session.on_read(lister, [&session] { return list_sources(session); });
}

}  // namespace sifguard
