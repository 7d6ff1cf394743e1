// OpenPGP keys and detached signatures, through GPGME and the system's gpg. Runs as the admin in
// `sifctl` and as an unprivileged user in the verification sandbox; never in the helper.
#include "keystore/crypto/openpgp.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "keystore/base/fd.h"
#include "keystore/base/run_program.h"
#include "keystore/base/text.h"
#include "keystore/base/tree.h"
#include "keystore/crypto/gpg_words.h"
#include "keystore/crypto/gpgme_handles.h"
#include "keystore/crypto/openpgp_block.h"
#include "keystore/crypto/openpgp_packet.h"
#include "keystore/crypto/openpgp_verdict.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxKeyData = 1024UL * 1024;

/// Offline and without helpers: gpg starts no agent and no dirmngr, so that none is left behind,
/// fetches nothing, and asks nobody. Trust is ours to decide and gpg's word on it is not read; its
/// model is "direct" because "always" makes gpg 2.2 fail on expired and revoked keys ("can't open
/// trustdb.gpg") in a home where no trust database was ever made. A key or signature of the future
/// is told by us (openpgp_verdict.cc, judge()); gpg would say of its key that nothing can be
/// checked. What others signed of a key grows without bound, and counts for nothing here.
constexpr std::string_view kOptions =
    "batch\n"
    "no-tty\n"
    "no-greeting\n"
    "no-autostart\n"
    "disable-dirmngr\n"
    "no-auto-key-locate\n"
    "no-auto-key-retrieve\n"
    "trust-model direct\n"
    "no-auto-check-trustdb\n"
    "ignore-time-conflict\n"
    "import-options self-sigs-only\n"
    "keyserver-options no-auto-key-retrieve\n";

Result<UniqueFd> open_private_home(const std::string& home) {
  UniqueFd fd = open_directory(home);
  if (!fd.valid()) return fail_errno(Code::config, "cannot open gpg's home " + home, errno);
  struct stat st {};
  if (::fstat(fd.get(), &st) != 0) return fail_errno(Code::config, home, errno);
  if (st.st_uid != ::geteuid() || (st.st_mode & 077U) != 0) {
    return fail(Code::config, "gpg's home " + home + " is not private", "chmod 0700 " + home);
  }
  return fd;
}

Status check_empty(const UniqueFd& directory, const std::string& home) {
  const auto names = list_names_at(directory.get());
  if (!names) {
    return fail_errno(Code::config, "cannot list gpg's home " + home, names.error().error_number());
  }
  if (names->empty()) return {};
  return fail(Code::config, "gpg's home " + home + " is not empty");
}

Status write_options(const UniqueFd& home, const std::string& shown) {
  const UniqueFd file(
      ::openat(home.get(), "gpg.conf", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.valid()) return fail_errno(Code::config, "cannot write " + shown + "/gpg.conf", errno);
  return write_all(file.get(), kOptions, shown + "/gpg.conf");
}

/// Whether it runs, although GPGME has just not been able to start it, or cannot be started now.
bool lacks_processes(const std::string& gpg) {
  constexpr int kTimeoutMs = 10'000;
  const auto version = run_program({gpg, {"--version"}, {"LC_ALL=C"}, {}, 4096, kTimeoutMs});
  if (!version) return version.error().code() == Code::temporary;
  return as_text(version->bytes()).starts_with("gpg (GnuPG) 2.");
}

Result<GpgmeContext> make_context(const std::string& home, const std::string& gpg) {
  gpgme_error_t error = GPG_ERR_NO_ERROR;
  GpgmeContext context = new_openpgp_context(error);
  if (error == GPG_ERR_NO_ERROR) {
    error =
        gpgme_ctx_set_engine_info(context.get(), GPGME_PROTOCOL_OpenPGP, gpg.c_str(), home.c_str());
  }
  // GPGME reports version 1.0.0 for a program that tells none.
  gpgme_engine_info_t info =
      error == GPG_ERR_NO_ERROR ? gpgme_ctx_get_engine_info(context.get()) : nullptr;
  const bool runs = info != nullptr && !text_or_empty(info->version).empty() &&
                    !text_or_empty(info->version).starts_with("1.");
  if (!runs && lacks_processes(gpg)) {
    return fail(Code::temporary, "cannot start " + gpg + ": the node lacks processes or memory",
                "try again later");
  }
  if (!runs) {
    return fail_gpgme(Code::unavailable, "cannot run " + gpg, error, "install GnuPG 2.2 or later");
  }
  return context;
}

bool is_unknown(const _gpgme_signature& signature) {
  return gpgme_err_code(signature.status) == GPG_ERR_NO_PUBKEY;
}

OpenPgpSubkey describe(const _gpgme_subkey& part) {
  return {std::string(text_or_empty(part.fpr)),
          static_cast<std::int64_t>(part.timestamp),
          static_cast<std::int64_t>(part.expires),
          part.revoked != 0,
          part.expired != 0,
          part.can_sign != 0};
}

Result<OpenPgpKey> describe(const _gpgme_key& key) {
  OpenPgpKey out;
  if (key.subkeys == nullptr) return fail(Code::refused, "an OpenPGP key without key material");
  out.fingerprint = text_or_empty(key.subkeys->fpr);
  if (out.fingerprint.size() != 40) {
    return fail(Code::refused, "the OpenPGP key " + out.fingerprint + " is not of version 4");
  }
  if (key.uids != nullptr) out.user_id = text_or_empty(key.uids->uid);
  if (char* name = gpgme_pubkey_algo_string(key.subkeys)) {
    out.algorithm = name;
    gpgme_free(name);
  }
  out.created = key.subkeys->timestamp;
  out.expires = key.subkeys->expires;
  out.revoked = key.revoked;
  out.expired = key.expired;
  out.secret = key.secret;
  for (const _gpgme_subkey* part = key.subkeys; part != nullptr; part = part->next) {
    out.parts.push_back(describe(*part));
  }
  return out;
}

}  // namespace

struct OpenPgpSession::State {
  std::string gpg;
  GpgmeContext context;
  GpgWords words;                                 ///< of the operation that runs, or ran last
  std::vector<std::string> small_exponents = {};  ///< fingerprints of keys and subkeys imported
};

namespace {

gpgme_error_t note(void* words, const char* keyword, const char* arguments) {
  static_cast<GpgWords*>(words)->add(text_or_empty(keyword), text_or_empty(arguments));
  return GPG_ERR_NO_ERROR;
}

tl::unexpected<Error> fail_unjudged(const std::string& gpg, std::string_view what) {
  return fail(Code::temporary,
              gpg + " ended before it had judged " + std::string(what) +
                  ": it was killed, or lacks memory or space",
              "try again later");
}

}  // namespace

OpenPgpSession::OpenPgpSession(std::unique_ptr<State> state) : state_(std::move(state)) {}
OpenPgpSession::OpenPgpSession(OpenPgpSession&&) noexcept = default;
OpenPgpSession& OpenPgpSession::operator=(OpenPgpSession&&) noexcept = default;
OpenPgpSession::~OpenPgpSession() = default;

Result<OpenPgpSession> OpenPgpSession::open(const std::string& home, const std::string& gpg) {
  if (gpg.empty() || gpg.front() != '/' || ::access(gpg.c_str(), X_OK) != 0) {
    return fail(Code::unavailable, "cannot run gpg as '" + gpg + "'",
                "install GnuPG, or correct its path in the configuration");
  }
  SG_TRY(const UniqueFd directory, open_private_home(home));
  SG_CHECK(check_empty(directory, home));
  SG_CHECK(write_options(directory, home));
  SG_TRY(GpgmeContext context, make_context(home, gpg));
  auto state = std::make_unique<State>(State{gpg, std::move(context), {}, {}});
  gpgme_error_t error = gpgme_set_ctx_flag(state->context.get(), "full-status", "1");
  if (error != GPG_ERR_NO_ERROR) return fail_gpgme(Code::unavailable, "cannot use GPGME", error);
  gpgme_set_status_cb(state->context.get(), note, &state->words);
  return OpenPgpSession(std::move(state));
}

Result<std::vector<OpenPgpKey>> OpenPgpSession::inspect(std::string_view given) {
  if (given.size() > kMaxKeyData) return fail(Code::refused, "the OpenPGP key file is too large");
  const auto earlier = without_later_signatures(given, ::time(nullptr) + kOpenPgpClockSkew);
  const std::string_view data = earlier ? std::string_view(*earlier) : given;
  gpgme_ctx_t context = state_->context.get();
  SG_TRY(const GpgmeData view, gpgme_view(data));
  state_->words = {};
  gpgme_error_t error = gpgme_op_keylist_from_data_start(context, view.get(), 0);
  std::vector<OpenPgpKey> keys;
  while (error == GPG_ERR_NO_ERROR) {
    gpgme_key_t raw = nullptr;
    error = gpgme_op_keylist_next(context, &raw);
    const GpgmeKey key(raw);
    if (error != GPG_ERR_NO_ERROR) break;
    auto described = describe(*key);
    if (!described) {
      gpgme_op_keylist_end(context);
      return tl::unexpected(std::move(described).error());
    }
    keys.push_back(*std::move(described));
  }
  gpgme_op_keylist_end(context);
  if (state_->words.lacked()) return fail_unjudged(state_->gpg, "a key");
  const bool ended = gpgme_err_code(error) == GPG_ERR_EOF;
  if (keys.empty() || !ended) {
    return fail_gpgme(Code::refused, "no OpenPGP key in the data",
                      ended ? gpgme_error_t{GPG_ERR_NO_ERROR} : error,
                      "give the output of gpg --armor --export");
  }
  return keys;
}

Status OpenPgpSession::import(std::string_view given) {
  SG_TRY(const auto keys, inspect(given));
  const auto earlier = without_later_signatures(given, ::time(nullptr) + kOpenPgpClockSkew);
  const std::string_view data = earlier ? std::string_view(*earlier) : given;
  state_->words = {};
  for (const OpenPgpKey& key : keys) {
    if (key.secret) {
      return fail(Code::refused, "the data holds the secret key of " + key.fingerprint,
                  "give the public key alone: gpg --armor --export " + key.fingerprint);
    }
  }
  for (std::string& one : small_exponents_in(data)) {
    state_->small_exponents.push_back(std::move(one));
  }
  SG_TRY(const GpgmeData view, gpgme_view(data));
  const gpgme_error_t error = gpgme_op_import(state_->context.get(), view.get());
  const _gpgme_op_import_result* const result = gpgme_op_import_result(state_->context.get());
  if (!state_->words.counted_keys() || state_->words.lacked()) {
    return fail_unjudged(state_->gpg, "a key");
  }
  if (error != GPG_ERR_NO_ERROR || result == nullptr) {
    return fail_gpgme(Code::refused, "gpg cannot import the key", error);
  }
  for (const _gpgme_import_status* one = result->imports; one != nullptr; one = one->next) {
    if (one->result != GPG_ERR_NO_ERROR) {
      const std::string fingerprint(text_or_empty(one->fpr));
      return fail_gpgme(Code::refused, "gpg does not take the key " + fingerprint, one->result);
    }
  }
  if (result->secret_read != 0 || result->considered != static_cast<int>(keys.size()) ||
      result->not_imported != 0 || result->no_user_id != 0) {
    return fail(Code::refused, "gpg does not take every key of the data",
                "a key needs a user id that it has signed itself");
  }
  return {};
}

Status OpenPgpSession::import_revocation(std::string_view data) {
  if (data.size() > kMaxKeyData) return fail(Code::refused, "the OpenPGP key file is too large");
  SG_TRY(const GpgmeData view, gpgme_view(data));
  const gpgme_error_t error = gpgme_op_import(state_->context.get(), view.get());
  if (error == GPG_ERR_NO_ERROR) return {};
  return fail_gpgme(Code::refused, "gpg cannot import the revocation", error);
}

Result<std::string> OpenPgpSession::export_armored(const std::string& fingerprint) {
  SG_TRY(const std::string wanted, normalize_fingerprint(fingerprint));
  gpgme_ctx_t context = state_->context.get();
  gpgme_key_t raw = nullptr;
  const gpgme_error_t missing = gpgme_get_key(context, wanted.c_str(), &raw, 0);
  const GpgmeKey key(raw);
  if (missing != GPG_ERR_NO_ERROR || text_or_empty(key->subkeys->fpr) != wanted) {
    return fail(Code::refused, "no OpenPGP key has the primary fingerprint " + wanted);
  }
  gpgme_data_t sink_raw = nullptr;
  gpgme_error_t error = gpgme_data_new(&sink_raw);
  GpgmeData sink(sink_raw);
  if (error == GPG_ERR_NO_ERROR) {
    error = gpgme_op_export(context, wanted.c_str(), 0, sink.get());
  }
  if (error != GPG_ERR_NO_ERROR) {
    return fail_gpgme(Code::internal, "gpg cannot export the key " + wanted, error);
  }
  std::size_t size = 0;
  char* const text = gpgme_data_release_and_get_mem(sink.release(), &size);
  const std::string armored(text != nullptr ? text : "", text != nullptr ? size : 0);
  gpgme_free(text);
  if (armored.empty()) return fail(Code::internal, "gpg exported nothing for the key " + wanted);
  return armored;
}

Result<PgpVerdict> OpenPgpSession::verify_detached(std::string_view data,
                                                   std::string_view signature) {
  PgpVerdict malformed;
  malformed.status = PgpStatus::malformed;
  const auto packet = parse_detached_signature(signature);
  if (!packet) return malformed;
  gpgme_ctx_t context = state_->context.get();
  SG_TRY(const GpgmeData signed_data, gpgme_view(data));
  SG_TRY(const GpgmeData packet_data, gpgme_view(packet->bytes));
  state_->words = {};
  const gpgme_error_t error =
      gpgme_op_verify(context, packet_data.get(), signed_data.get(), nullptr);
  const bool had_key = state_->words.had_key();
  if (!state_->words.judged() || state_->words.lacked()) {
    return fail_unjudged(state_->gpg, "a signature");
  }
  if (gpgme_err_code(error) == GPG_ERR_NO_DATA) return malformed;
  if (error != GPG_ERR_NO_ERROR) {
    return fail_gpgme(Code::unavailable, "cannot verify a signature with " + state_->gpg, error);
  }
  gpgme_verify_result_t result = gpgme_op_verify_result(context);
  if (result == nullptr) return malformed;
  gpgme_result_ref(result);  // looking for the key would end its life
  const std::unique_ptr<void, void (*)(void*)> keeper(result, gpgme_result_unref);
  const _gpgme_signature* const found = result->signatures;
  if (found == nullptr || found->next != nullptr) return malformed;
  gpgme_key_t raw = nullptr;
  gpgme_error_t looked = GPG_ERR_EOF;
  if (found->fpr != nullptr) looked = gpgme_get_key(context, found->fpr, &raw, 0);
  const GpgmeKey key(raw);
  // What verified and what lists are two runs of gpg, and must agree on whether the key is there.
  const bool several = gpgme_err_code(looked) == GPG_ERR_AMBIGUOUS_NAME;
  // A damaged signature may name none: gpg then says that it is bad, of the key 0.
  const std::string_view name = text_or_empty(found->fpr);
  const bool names_none = name.find_first_not_of('0') == name.npos;
  if (had_key != (key != nullptr) && (had_key ? !several && !names_none : is_unknown(*found))) {
    return fail_unjudged(state_->gpg, "a signature");
  }
  return reach_verdict(*found, key.get(), *packet, state_->small_exponents);
}

}  // namespace sifguard
