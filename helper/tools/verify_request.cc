// What `sif-verify` was asked: options to signers, keys and trust. The user's own process.
#include "helper/tools/verify_request.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "helper/fetch/ocsp_fetch.h"
#include "keystore/base/absolute_path.h"
#include "keystore/base/contains.h"
#include "keystore/base/file_kind.h"
#include "keystore/base/input_file.h"
#include "keystore/base/one_line.h"
#include "keystore/base/text.h"
#include "keystore/base/unprivileged.h"
#include "keystore/crypto/openpgp.h"
#include "keystore/crypto/pem_form.h"
#include "keystore/crypto/signer_key.h"
#include "keystore/policy/config.h"
#include "keystore/policy/signer_id.h"
#include "keystore/store/trust_store.h"
#include "keystore/x509/certificate_path.h"
#include "sifguard/paths.h"

namespace sifguard {
namespace {

constexpr const char* kAccount = "sifguard";  // what root becomes
constexpr std::size_t kMaxKeyring = 1024UL * 1024;
constexpr std::size_t kMaxPem = 256UL * 1024;
constexpr std::size_t kMaxCrl = 16UL * 1024 * 1024;

/// A file that makes no sense is a wrong option: 64, not 65, which speaks about the image.
tl::unexpected<Error> wrong_file(const std::string& file, Error error) {
  if (error.code() == Code::no_input) return tl::unexpected(std::move(error));
  return fail(Code::usage, file + ": " + error.what(), error.remedy());
}

void want(SignerRequirement& wanted, std::string signer, bool all_of) {
  auto& list = all_of ? wanted.all_of : wanted.any_of;
  if (!contains(list, signer)) list.push_back(std::move(signer));
}

Result<std::vector<std::string>> normalized(const std::vector<std::string>& fingerprints) {
  std::vector<std::string> all;
  for (const std::string& one : fingerprints) {
    SG_TRY(std::string fingerprint, normalize_fingerprint(one));
    all.push_back(std::move(fingerprint));
  }
  return all;
}

/// A file of keys that gpg has not seen yet.
struct KeyFile {
  std::string file;
  std::string data;
};

Result<std::vector<KeyFile>> read_key_files(const VerifyOptions& options) {
  std::vector<KeyFile> files;
  for (const std::string& file : options.pgp_keys) {
    SG_TRY(std::string data, read_input_text(file, kMaxKeyring));
    files.push_back({file, plain_text(std::move(data))});
  }
  return files;
}

/// Takes the keys of a file, or those of them that were asked for, each on its own.
Status add_key_file(OpenPgpSession& session, const KeyFile& key_file,
                    const std::vector<std::string>& only, std::vector<std::string>& found,
                    VerifyRequest& request, bool all_of) {
  const auto& [file, data] = key_file;
  auto keys = session.inspect(data);
  if (!keys) {
    return wrong_file(file, name_file_kind(std::move(keys).error(), data, WantedFile::openpgp_key));
  }
  if (auto imported = session.import(data); !imported) {
    return wrong_file(file, std::move(imported).error());
  }
  for (const OpenPgpKey& key : *keys) {
    if (!only.empty() && !contains(only, key.fingerprint)) continue;
    SG_TRY(std::string armored, session.export_armored(key.fingerprint));
    request.keys.openpgp.push_back(std::move(armored));
    found.push_back(key.fingerprint);
    want(request.wanted, key.fingerprint, all_of);
  }
  return {};
}

Status add_pgp_keys(const VerifyOptions& options, const std::vector<KeyFile>& files,
                    VerifyRequest& request) {
  SG_TRY(const auto only, normalized(options.fingerprints));
  std::vector<std::string> found;
  if (!files.empty()) {
    SG_TRY(const PrivateDirectory home, PrivateDirectory::make());
    SG_TRY(OpenPgpSession session, OpenPgpSession::open(home.path()));
    for (const KeyFile& file : files) {
      SG_CHECK(add_key_file(session, file, only, found, request, options.all_of));
    }
  }
  if (!options.keystore.empty()) return {};  // its signers are held against them there
  for (const std::string& fingerprint : only) {
    if (contains(found, fingerprint)) continue;
    return fail(Code::usage, "no key " + fingerprint + " in the files given",
                "add --pgp-key FILE, as from: gpg --armor --export " + fingerprint);
  }
  return {};
}

Status add_public_keys(const VerifyOptions& options, VerifyRequest& request) {
  for (const std::string& file : options.public_keys) {
    SG_TRY(std::string raw, read_input_text(file, kMaxPem));
    std::string pem = pem_form(std::move(raw));
    const auto key = SignerKey::from_pem(pem);
    if (!key) return wrong_file(file, name_file_kind(key.error(), pem, WantedFile::public_key));
    if (const Status strong = key->check_strong(); !strong) return wrong_file(file, strong.error());
    request.keys.public_keys.push_back(std::move(pem));
    want(request.wanted, std::string(kSpkiPrefix) + key->spki(), options.all_of);
  }
  return {};
}

Status read_into(const std::string& file, std::size_t limit, std::vector<std::string>& list) {
  if (file.empty()) return {};
  SG_TRY(std::string text, read_input_text(file, limit));
  list.push_back(pem_form(std::move(text)));
  return {};
}

/// The signer's certificate; CAs in the same file are none that are trusted.
Status read_chain(const std::string& file, PkiRequest& trust) {
  SG_TRY(std::string raw, read_input_text(file, kMaxPem));
  const std::string text = pem_form(std::move(raw));
  auto chain = split_chain_file(text);
  if (!chain) {
    return wrong_file(file,
                      name_file_kind(std::move(chain).error(), text, WantedFile::certificate));
  }
  trust.certificates.push_back(std::move(chain->leaf));
  for (std::string& ca : chain->cas) trust.intermediates.push_back(std::move(ca));
  return {};
}

bool is_address(const std::string& text) {
  return text.starts_with("http://") || text.starts_with("https://");
}

Status add_certificate(const VerifyOptions& options, VerifyRequest& request) {
  if (options.certificate.empty()) {
    if (options.ca.empty() && options.intermediates.empty() && options.crl.empty() &&
        options.ocsp.empty()) {
      return {};
    }
    return fail(Code::usage, "--ca, --intermediates, --crl and --ocsp are for a certificate",
                "give the signer's with --certificate PEM");
  }
  if (options.ca.empty()) {
    return fail(Code::usage, "--certificate needs --ca: a certificate is worth what its CA is");
  }
  PkiRequest& trust = request.trust;
  SG_CHECK(read_chain(options.certificate, trust));
  SG_CHECK(read_into(options.ca, kMaxPem, trust.roots));
  SG_CHECK(read_into(options.intermediates, kMaxPem, trust.intermediates));
  SG_CHECK(read_into(options.crl, kMaxCrl, trust.crls));
  if (!is_address(options.ocsp)) SG_CHECK(read_into(options.ocsp, kMaxPem, trust.ocsp));
  const bool crl = !options.crl.empty();
  const bool ocsp = !options.ocsp.empty();
  trust.revocation = crl && ocsp ? Revocation::ocsp_then_crl
                     : ocsp      ? Revocation::ocsp
                     : crl       ? Revocation::crl
                                 : Revocation::off;
  return {};
}

Status add_signer(const Keystore& keystore, const SignerRecord& signer,
                  const VerifyOptions& options, VerifyRequest& request) {
  SG_TRY(std::string key, keystore.signer_key(signer.id));
  switch (signer.type()) {
    case SignerType::openpgp:
      request.keys.openpgp.push_back(std::move(key));
      break;
    case SignerType::public_key:
      request.keys.public_keys.push_back(std::move(key));
      break;
    case SignerType::certificate:
      if (signer.counts(0)) {
        request.trust.certificates.push_back(std::move(key));
      } else {  // as at a launch: when it signed is not known
        request.left_out =
            "the signer " + one_line(signer.label, 300) + " is revoked (" + signer.reason + ")";
      }
      return {};  // wanted by name, once it has been judged
  }
  want(request.wanted, signer.id, options.all_of);
  return {};
}

Status add_trust(const Keystore& keystore, TrustKind kind, std::vector<std::string>& list) {
  SG_TRY(auto items, trust_items(keystore, kind));
  for (TrustItem& item : items) list.push_back(std::move(item.text));
  return {};
}

/// This host's configuration; where it has none, or none that can be read, what nodes do by
/// default.
Config as_nodes_do() {
  auto config = load_config(SIFGUARD_CONFIG_FILE, Trust{0});
  return config ? *std::move(config) : default_config();
}

Status add_all_signers(const Keystore& keystore, const VerifyOptions& options,
                       VerifyRequest& request) {
  SG_TRY(const auto only, normalized(options.fingerprints));
  SG_TRY(const auto signers, keystore.signers());
  for (const SignerRecord& signer : signers) {
    if (!only.empty() && !contains(only, signer.id)) continue;
    SG_CHECK(add_signer(keystore, signer, options, request));
  }
  request.limits = limits_of(signers);
  return {};
}

/// The signers that a binding names, as a launch would take them.
Status add_bound_signers(const Keystore& keystore, const VerifyOptions& options,
                         VerifyRequest& request) {
  SG_TRY(request.bound, read_bound_request(keystore, options.binding, as_nodes_do().release));
  const Keyring& keyring = request.bound->keyring;
  request.keys = keyring.keys;
  request.trust.certificates = keyring.keys.certificates;
  request.limits = keyring.limits;
  return {};
}

/// A binding says whose signatures count, and which.
Status check_binding_alone(const VerifyOptions& options) {
  if (options.binding.empty()) return {};
  if (options.keystore.empty()) {
    return fail(Code::usage, "--binding is of a keystore", "give it with --keystore DIR");
  }
  const bool others = !options.pgp_keys.empty() || !options.fingerprints.empty() ||
                      !options.public_keys.empty() || !options.certificate.empty() ||
                      options.allow_legacy || options.all_of;
  if (!others) return {};
  return fail(Code::usage,
              "--binding says whose signatures count: --pgp-key, --fingerprint, --public-key, "
              "--certificate, --allow-legacy and --all-of do not go with it",
              "leave them out");
}

/// Signers and trust of a keystore that this user may read.
Status add_keystore(const VerifyOptions& options, VerifyRequest& request) {
  if (options.keystore.empty()) return {};
  SG_TRY(const std::string given, absolute_path(options.keystore));
  const std::string path = std::filesystem::path(given).lexically_normal();
  SG_TRY(const Keystore keystore, Keystore::open(path, Trust{::geteuid()}));
  const bool bound = !options.binding.empty();
  SG_CHECK(bound ? add_bound_signers(keystore, options, request)
                 : add_all_signers(keystore, options, request));
  SG_TRY(request.revoked, revoked_digests(keystore));
  SG_CHECK(add_trust(keystore, TrustKind::root, request.trust.roots));
  SG_CHECK(add_trust(keystore, TrustKind::intermediate, request.trust.intermediates));
  SG_CHECK(add_trust(keystore, TrustKind::crl, request.trust.crls));
  SG_CHECK(add_trust(keystore, TrustKind::response, request.trust.ocsp));
  if (options.crl.empty() && options.ocsp.empty()) {
    request.trust.revocation =
        revocation_of(options.revocation.empty() ? as_nodes_do().revocation : options.revocation);
  }
  return {};
}

/// A responder that does not answer leaves the revocation unknown, which refuses.
Status ask_responder(const std::string& address, PkiRequest& trust) {
  const OcspSubject subject{trust.certificates.front(), trust.intermediates, trust.roots,
                            trust.now};
  auto answers = fetch_ocsp(address, subject, HttpLimits{});
  if (!answers) {
    const bool usage = answers.error().code() == Code::usage;
    return fail(usage ? Code::usage : Code::refused, answers.error().what(),
                answers.error().remedy());
  }
  for (std::string& answer : *answers) trust.ocsp.push_back(std::move(answer));
  return {};
}

}  // namespace

Result<VerifyRequest> read_verify_request(const VerifyOptions& options) {
  SG_CHECK(check_binding_alone(options));
  VerifyRequest request;
  request.wanted.legacy = options.allow_legacy;
  request.trust.now = ::time(nullptr);
  SG_TRY(const auto files, read_key_files(options));
  SG_CHECK(add_public_keys(options, request));
  SG_CHECK(add_certificate(options, request));
  SG_CHECK(add_keystore(options, request));
  SG_CHECK(become_unprivileged(kAccount));
  SG_CHECK(add_pgp_keys(options, files, request));
  if (is_address(options.ocsp)) SG_CHECK(ask_responder(options.ocsp, request.trust));
  request.keys.certificates = request.trust.certificates;
  return request;
}

Result<PrivateDirectory> PrivateDirectory::make() {
  std::error_code error;
  const auto above = std::filesystem::temp_directory_path(error);
  std::string path = (error ? "/tmp" : above.string()) + "/sif-verify-XXXXXX";
  bool made = ::mkdtemp(path.data()) != nullptr;
  if (!made && errno == EACCES) {  // root's own, which was given up
    path = "/tmp/sif-verify-XXXXXX";
    made = ::mkdtemp(path.data()) != nullptr;
  }
  if (!made) {
    return fail_errno(Code::temporary, "cannot make a temporary directory " + path, errno);
  }
  return PrivateDirectory(std::move(path));
}

PrivateDirectory::~PrivateDirectory() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace sifguard
