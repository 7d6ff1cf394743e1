// sifctl signer fetch: gets an OpenPGP public key from a keyserver by HKP
// (draft-gallagher-openpgp-hkp). Runs with the rights of the admin; the network is left to
// sifguard-fetch. The server is not believed: what arrives must be the key with the fingerprint
// that the admin gave.
#include "keystore/cli/commands.h"

#include <stdlib.h>

#include <array>
#include <memory>

#include "keystore/base/fd.h"
#include "keystore/base/run_program.h"
#include "keystore/base/text.h"
#include "keystore/cli/session.h"
#include "keystore/cli/signer_openpgp.h"
#include "keystore/cli/signer_output.h"

namespace sifguard {
namespace {

constexpr int kFetchTimeoutMs = 40000;

struct SignerFetchOptions {
  std::string keyserver, fingerprint;
};

/// "hkps://keys.example.org" → "https://keys.example.org/pks/lookup?…"
Result<std::string> lookup_url(const std::string& keyserver, const std::string& fingerprint) {
  constexpr std::array<std::array<std::string_view, 3>, 4> kSchemes = {
      {{"hkps://", "https://", ""},
       {"hkp://", "http://", ":11371"},
       {"https://", "https://", ""},
       {"http://", "http://", ""}}};
  for (const auto& [written, scheme, port] : kSchemes) {
    if (!keyserver.starts_with(written)) continue;
    std::string host = keyserver.substr(written.size());
    while (!host.empty() && host.back() == '/') host.pop_back();
    const bool plain = !host.empty() && host.find_first_of(" ?#@\\\"'<>") == std::string::npos &&
                       printable(host) == host && host.front() != '-';
    if (!plain) break;
    const bool has_port =
        host.find(':', host.rfind(']') == std::string::npos ? 0 : host.rfind(']')) !=
        std::string::npos;
    if (!has_port) host += port;
    return std::string(scheme) + host + "/pks/lookup?op=get&options=mr&search=0x" + fingerprint;
  }
  return fail(Code::usage, "not a keyserver: '" + keyserver + "'",
              "write hkps://HOST, hkp://HOST, https://HOST or http://HOST");
}

/// An admin's host may reach the network through a proxy only.
std::vector<std::string> environment() {
  std::vector<std::string> environment = {"LC_ALL=C", "PATH=/usr/sbin:/usr/bin"};
  for (const char* name : {"http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTPS_PROXY",
                           "ALL_PROXY", "NO_PROXY"}) {
    const char* const value = ::getenv(name);
    if (value != nullptr) environment.push_back(std::string(name) + "=" + value);
  }
  return environment;
}

/// The armored key in an answer, around which some keyservers put HTML.
Result<std::string> armored_key(std::string_view answer) {
  constexpr std::string_view kBegin = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
  constexpr std::string_view kEnd = "-----END PGP PUBLIC KEY BLOCK-----";
  const std::size_t begin = answer.find(kBegin);
  const std::size_t end = begin == std::string_view::npos ? begin : answer.find(kEnd, begin);
  if (end == std::string_view::npos) {
    return fail(Code::no_input, "the keyserver sends no OpenPGP key",
                "ask the signer where the key is published");
  }
  return std::string(answer.substr(begin, end + kEnd.size() - begin)) + "\n";
}

Status fetch(Session& session, const SignerFetchOptions& options) {
  SG_TRY(const std::string fingerprint, normalize_fingerprint(options.fingerprint));
  SG_TRY(const std::string url, lookup_url(options.keyserver, fingerprint));
  SG_TRY(Keystore keystore, session.keystore());
  auto answer = run_program({own_program("sifguard-fetch"),
                             {url, std::to_string(kMaxSignerFile)},
                             environment(),
                             {},
                             kMaxSignerFile,
                             kFetchTimeoutMs});
  if (!answer) return tl::unexpected(std::move(answer).error().prepend(options.keyserver));
  auto armored = armored_key(as_text(answer->bytes()));
  if (!armored) return tl::unexpected(std::move(armored).error().prepend(options.keyserver));
  auto opened = read_openpgp_signer(keystore, *armored, fingerprint);
  if (!opened) return tl::unexpected(std::move(opened).error().prepend(options.keyserver));
  return store_signer(session, keystore, *opened);
}

}  // namespace

void add_signer_fetch(CLI::App& group, Session& session) {
  auto* command = group.add_subcommand("fetch", "Get an OpenPGP public key from a keyserver");
  command->footer(R"(
The fingerprint, of which all 40 digits are needed, must come from the signer in another way; the
server must send that key. It is merged with an existing copy, as by `signer add`; the exit status is 76
if its owner has revoked it. Run it on the admin's host: nodes need no network.
  sifctl signer fetch --keyserver hkps://keys.openpgp.org 12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84)");
  const auto options = std::make_shared<SignerFetchOptions>();
  command->add_option("--keyserver", options->keyserver, "Where to ask, by HKP")
      ->required()
      ->type_name("URL");
  command->add_option("fingerprint", options->fingerprint, "All 40 digits of its fingerprint")
      ->required()
      ->type_name("FPR");
  Session::offer_dry_run(command);
  session.on_change(command, [&session, options] { return fetch(session, *options); });
}

}  // namespace sifguard
