// make_store_key(), open_seal() and discard_seal() of store_keys.h, by the method of each seal.
// Root on nodes; the owner of the keystore in `sifctl`.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "keystore/base/atomic_file.h"
#include "keystore/base/fd.h"
#include "keystore/base/held_signals.h"
#include "keystore/base/overwrite.h"
#include "keystore/base/rewrite_name.h"
#include "keystore/base/run_program.h"
#include "keystore/base/text.h"
#include "keystore/crypto/aead.h"
#include "keystore/crypto/token_key.h"
#include "keystore/store/store_files.h"
#include "keystore/store/store_keys.h"

namespace sifguard {
namespace {

constexpr const char* kCreds = "/usr/bin/systemd-creds";
constexpr const char* kCredsName = "--name=sifguard-store-key";
constexpr std::size_t kMaxCredential = 4096;  // of systemd-creds' output, base64
constexpr int kCredsTimeoutMs = 60000;        // a TPM takes its time

/// The directory and the name of the file of a seal.
struct Place {
  UniqueFd opened;  ///< empty for the keystore itself
  int fd = -1;
  std::string name;
  std::string shown;
};

bool in_keystore(const std::string& where) noexcept {
  return where.front() != '/';
}

Result<Place> locate(const std::string& where, const SealPlace& keystore) {
  Place place;
  place.shown = where;
  if (in_keystore(where)) {
    place.fd = keystore.directory_fd;
    place.name = where;
    place.shown = keystore.directory + "/" + where;
    return place;
  }
  const std::size_t slash = where.rfind('/');
  place.name = where.substr(slash + 1);
  SG_TRY(place.opened,
         open_trusted_directory(slash == 0 ? "/" : where.substr(0, slash), keystore.trust));
  place.fd = place.opened.get();
  return place;
}

Result<SecretBytes> read_key_file(const Place& place, Trust trust) {
  SG_TRY(SecretBytes secret,
         read_store_secret(place.fd, place.name, place.shown, kStoreKeyBytes, trust));
  if (secret.size() == kStoreKeyBytes) return secret;
  return fail(Code::config, place.shown + " is not a store key: it has not 32 bytes");
}

/// Overwritten first. Whether there was one.
Result<bool> remove_key_file(const Place& place) {
  const UniqueFd fd(::openat(place.fd, place.name.c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd.valid()) return false;
  SG_CHECK(overwrite_file(fd.get(), place.shown));
  if (::unlinkat(place.fd, place.name.c_str(), 0) != 0) {
    return fail_errno(Code::internal, "cannot remove " + place.shown, errno);
  }
  SG_CHECK(sync_change(place.fd, place.shown));
  return true;
}

bool exists(const Place& place) noexcept {
  struct stat st {};
  return ::fstatat(place.fd, place.name.c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0;
}

Result<NewStoreKey> finish(SecretBytes secret, Seal seal) {
  NewStoreKey made;
  SG_TRY(made.key.id, store_key_id(secret));
  made.key.secret = std::move(secret);
  made.seal = std::move(seal);
  made.seal.key_id = made.key.id;
  return made;
}

constexpr const char* kNext = ".seal-next";  // of seal.json's form

Status announce(const Seal& seal, const SealPlace& keystore) {
  return replace_file(keystore.directory_fd, kNext, format_seals({seal}), 0600,
                      keystore.directory + "/" + kNext);
}

/// With the file of a reseal that was interrupted before seal.json named it.
Result<NewStoreKey> go_on_with(const Seal& seal, const SealPlace& keystore, const Place& place) {
  const auto next = announced_seal(keystore);
  if (!next || next->where != seal.where) {
    return fail(Code::exists, place.shown + " exists already", "choose another path");
  }
  NewStoreKey made;
  SG_TRY(made.key, open_seal(*next, keystore));
  made.seal = *next;
  made.adopted = true;
  return made;
}

Result<NewStoreKey> make_file(SecretBytes secret, const SealOptions& options,
                              const SealPlace& keystore, bool adopt) {
  Seal seal{{}, SealMethod::file, options.where, {}};
  if (seal.where.empty()) {
    SG_TRY(const std::string id, store_key_id(secret));
    seal.where = "store-" + id + ".key";
  }
  SG_TRY(const Place place, locate(seal.where, keystore));
  if (!exists(place)) {
    SG_TRY(NewStoreKey made, finish(std::move(secret), std::move(seal)));
    if (keystore.writes == Writes::withheld) return made;
    if (!adopt && !in_keystore(made.seal.where)) SG_CHECK(announce(made.seal, keystore));
    const auto signals = HeldSignals::hold();    // nobody tidies where it may lie
    remove_left_rewrites(place.fd, place.name);  // of a run that was killed
    SG_CHECK(replace_file(place.fd, place.name, made.key.secret.bytes(), 0600, place.shown));
    return made;
  }
  if (!adopt) return go_on_with(seal, keystore, place);
  SG_TRY(secret, read_key_file(place, keystore.trust));
  SG_TRY(NewStoreKey made, finish(std::move(secret), std::move(seal)));
  made.adopted = true;
  return made;
}

ProgramRun creds_run(std::vector<std::string> arguments, std::span<const std::byte> input) {
  arguments.insert(arguments.end(), {kCredsName, "-", "-"});
  return {kCreds, std::move(arguments), {"LC_ALL=C", "PATH=/usr/sbin:/usr/bin"},
          input,  kMaxCredential,       kCredsTimeoutMs};
}

Result<NewStoreKey> make_credential(SecretBytes secret, const SealOptions& options) {
  SG_TRY(const SecretBytes credential,
         run_program(creds_run({"encrypt", "--with-key=" + options.where}, secret.bytes())));
  std::string text(as_text(credential.bytes()));
  std::erase(text, '\n');
  return finish(std::move(secret), {{}, SealMethod::systemd_creds, options.where, text});
}

Result<SecretBytes> read_credential(const Seal& seal) {
  return run_program(creds_run({"decrypt"}, as_bytes(seal.sealed)));
}

Result<NewStoreKey> make_wrapped(SecretBytes secret, const SealOptions& options) {
  SG_TRY(const RsaPublicKey half, token_public_key(options.where));
  SG_TRY(const auto cipher, half.encrypt_oaep(secret.bytes()));
  Seal seal{{}, SealMethod::pkcs11, options.where, to_hex(cipher)};
  // A token that encrypts for a key but does not decrypt with it would lose everything.
  SG_TRY(const SecretBytes again, token_decrypt_oaep(options.where, cipher));
  if (as_text(again.bytes()) != as_text(secret.bytes())) {
    return fail(Code::unavailable, "the token's key does not fit its own public half");
  }
  return finish(std::move(secret), std::move(seal));
}

Result<SecretBytes> unwrap(const Seal& seal) {
  const auto cipher = from_hex(seal.sealed);
  if (!cipher) return fail(Code::config, "what is sealed for the token is malformed");
  auto secret = token_decrypt_oaep(seal.where, *cipher);
  if (secret || secret.error().code() != Code::refused) return secret;
  return fail(Code::config, "it was wrapped for another key than " + seal.where,
              "correct the token or its key, or restore seal.json");
}

Result<SecretBytes> read_sealed(const Seal& seal, const SealPlace& keystore) {
  if (seal.method == SealMethod::file) {
    SG_TRY(const Place place, locate(seal.where, keystore));
    return read_key_file(place, keystore.trust);
  }
  return seal.method == SealMethod::systemd_creds ? read_credential(seal) : unwrap(seal);
}

Result<NewStoreKey> seal_secret(SecretBytes secret, const SealOptions& options,
                                const SealPlace& place, bool adopt) {
  if (options.method == SealMethod::file)
    return make_file(std::move(secret), options, place, adopt);
  if (options.method == SealMethod::systemd_creds)
    return make_credential(std::move(secret), options);
  return make_wrapped(std::move(secret), options);
}

}  // namespace

Result<NewStoreKey> make_store_key(const SealOptions& options, const SealPlace& place, bool adopt) {
  SG_TRY(SecretBytes secret, random_secret(kStoreKeyBytes));
  return seal_secret(std::move(secret), options, place, adopt);
}

Result<NewStoreKey> seal_store_key(const StoreKey& key, const SealOptions& options,
                                   const SealPlace& place) {
  SG_TRY(SecretBytes secret, SecretBytes::copy_of(key.secret.bytes()));
  SG_TRY(NewStoreKey made, seal_secret(std::move(secret), options, place, true));
  if (made.key.id == key.id) return made;
  return fail(Code::exists, describe_seal(made.seal) + " holds another store key",
              "move it away, or choose another way with --seal");
}

void take_back(const NewStoreKey& made, const SealPlace& keystore) noexcept {
  if (made.adopted || made.seal.method != SealMethod::file) return;
  if (const auto place = locate(made.seal.where, keystore)) {
    ::unlinkat(place->fd, place->name.c_str(), 0);
  }
}

Result<StoreKey> open_seal(const Seal& seal, const SealPlace& place) {
  auto secret = read_sealed(seal, place);
  if (!secret) return tl::unexpected(std::move(secret).error().prepend("the keystore's store key"));
  SG_TRY(std::string id, store_key_id(*secret));
  if (secret->size() != kStoreKeyBytes || id != seal.key_id) {
    return fail(Code::config,
                describe_seal(seal) + " holds another store key than " + place.directory + "/" +
                    kSeal + " names",
                "restore the one with the id " + seal.key_id);
  }
  return StoreKey{std::move(id), *std::move(secret)};
}

std::optional<Seal> announced_seal(const SealPlace& place) noexcept {
  const std::string shown = place.directory + "/" + kNext;
  const auto text = read_store_file(place.directory_fd, kNext, shown, kMaxMeta, place.trust);
  if (!text) return std::nullopt;
  const auto seals = parse_seals(*text, shown);
  const bool usable = seals && seals->size() == 1 && seals->front().method == SealMethod::file;
  return usable ? std::optional(seals->front()) : std::nullopt;
}

Result<std::optional<Seal>> settle_announced(const SealPlace& place,
                                             const std::vector<Seal>& named) {
  std::optional<Seal> next = announced_seal(place);
  const bool was_named = next && std::any_of(named.begin(), named.end(), [&](const Seal& one) {
                           return one.where == next->where;
                         });
  if (was_named) next.reset();
  if (next) {
    SG_TRY(const Place file, locate(next->where, place));
    if (place.writes == Writes::made) remove_left_rewrites(file.fd, file.name);
    if (!exists(file)) next.reset();
  }
  if (place.writes == Writes::withheld) return next;
  if (::unlinkat(place.directory_fd, kNext, 0) == 0 || errno == ENOENT) return next;
  return fail_errno(Code::internal, "cannot remove " + place.directory + "/" + kNext, errno);
}

Result<bool> discard_seal(const Seal& seal, const SealPlace& keystore) {
  if (seal.method != SealMethod::file || !in_keystore(seal.where)) return false;
  SG_TRY(const Place place, locate(seal.where, keystore));
  if (keystore.writes == Writes::withheld) return exists(place);
  return remove_key_file(place);
}

}  // namespace sifguard
