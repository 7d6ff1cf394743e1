// The CA of a backup brought back into a keystore. The owner of the keystore, on the CA's host.
#include "keystore/backup/ca_restore.h"

#include <openssl/err.h>

#include <optional>

#include "keystore/base/contains.h"
#include "keystore/ca/authority.h"
#include "keystore/ca/merge.h"
#include "keystore/x509/certificate_path.h"

namespace sifguard {
namespace {

/// The root that the keystore has, whatever became of the rest of its CA; nullopt for none.
std::optional<std::string> own_root(const Keystore& keystore) {
  const auto place = ca_place(keystore);
  if (!place || *place == CaPlace::free || *place == CaPlace::unfinished) return std::nullopt;
  const auto pem = read_authority_certificate(keystore, kRootAuthority);
  if (!pem || !parse_one_certificate(*pem)) return std::nullopt;
  return *pem;
}

Status check_fingerprint(const SeenRoot& root, const std::string& fingerprint) {
  if (fingerprint.empty() || fingerprint == root.fingerprint) return {};
  return fail(Code::refused,
              "the backup is of another root: '" + root.subject + "', SHA-256 " + root.fingerprint,
              "see where it came from");
}

/// Who can write where backups lie can put his own CA there: what says that it is not is the root
/// that is here, what the admin knows of it, or his password.
Status check_root(const Keystore& keystore, const SeenRoot& root, const CaRestoreOptions& options) {
  SG_CHECK(check_fingerprint(root, options.fingerprint));
  const auto own = own_root(keystore);
  if (own && *own == root.pem) return {};
  if (own) {
    return fail(Code::exists, "the keystore has another CA", "restore into another keystore");
  }
  if (!options.fingerprint.empty()) return {};
  if (root.under_password) return options.confirm(root);
  return fail(Code::usage,
              "nothing confirms this backup but the root in it ('" + root.subject +
                  "'): no password protects all of it, as its keys are in tokens or an older "
                  "sifctl made it",
              "give --fingerprint with the root's SHA-256, from what sifctl ca show or the nodes' "
              "sifctl trust list said");
}

/// What a keystore has of a key that is not in a token begins otherwise.
bool is_token_uri(const SecretBytes& stored) noexcept {
  return as_text(stored.bytes()).starts_with("pkcs11:");
}

Status take_token(SavedCa& saved, const char* name, const std::string& uri) {
  if (uri.empty()) return {};
  AuthorityEntry* const entry = saved.find(name);
  const bool elsewhere =
      entry != nullptr && (entry->private_key.empty() || is_token_uri(entry->private_key));
  if (!elsewhere) {
    return fail(Code::absent,
                "the backup has no " + std::string(name) + " CA with its key in a token");
  }
  SG_TRY(const Certificate certificate, parse_one_certificate(entry->certificate_pem));
  SG_TRY(const CaKey key, CaKey::find_in_token(uri));
  const bool fits = EVP_PKEY_eq(X509_get0_pubkey(certificate.get()), key.pkey()) == 1;
  ERR_clear_error();
  if (!fits)
    return fail(Code::refused, "the token's key is not the " + std::string(name) + " CA's");
  SG_TRY(entry->private_key, key.stored());
  return {};
}

Status check_has_key(const AuthorityEntry& entry) {
  if (!entry.private_key.empty()) return {};
  const bool is_root = entry.name == kRootAuthority;
  return fail(Code::usage, "the key of the " + entry.name + " CA is in a token, not in the backup",
              std::string("name it: ") + (is_root ? "--pkcs11" : "--intermediate-pkcs11") + " URI");
}

/// Errors: for one that does not open, or whose certificate is none: it is damaged.
Result<AuthorityEntry> read_whole_authority(const Keystore& keystore, const std::string& name) {
  SG_TRY(AuthorityEntry entry, read_authority(keystore, name));
  SG_TRY(const Certificate readable, parse_one_certificate(entry.certificate_pem));
  return entry;
}

/// What is to be written: those of the backup that the keystore does not have, or only with an
/// older certificate. `is_new`: what is there is of a run that did not finish.
struct Wanted {
  std::vector<AuthorityEntry> authorities;
  std::vector<std::string> damaged;  ///< of them those that are there, but do not open
};
Result<Wanted> wanted_authorities(const Keystore& keystore, SavedCa& saved, const CaIndex& index,
                                  bool is_new) {
  Wanted wanted;
  std::vector<std::string> there;
  if (!is_new) {
    SG_TRY(there, authority_names(keystore));
  }
  for (AuthorityEntry& entry : saved.authorities) {
    if (contains(there, entry.name)) {
      auto own = read_whole_authority(keystore, entry.name);
      if (own) {
        SG_TRY(const bool better,
               is_better_certificate(entry.certificate_pem, own->certificate_pem, index));
        if (!better) continue;
        entry.private_key = std::move(own->private_key);  // where its token is now, say
      } else {
        wanted.damaged.push_back(entry.name);
      }
    }
    SG_CHECK(check_has_key(entry));
    wanted.authorities.push_back(std::move(entry));
  }
  return wanted;
}

Status write_missing(const Keystore& keystore, SavedCa& saved, const CaIndex& index, bool is_new) {
  SG_TRY(const Wanted wanted, wanted_authorities(keystore, saved, index, is_new));
  if (is_new) SG_CHECK(begin_ca(keystore));
  for (const std::string& name : wanted.damaged) SG_CHECK(set_authority_aside(keystore, name));
  for (const AuthorityEntry& entry : wanted.authorities) {
    SG_CHECK(write_authority(keystore, entry));
  }
  for (const auto& [serial, pem] : saved.certificates) {
    if (index.find(serial) == nullptr || has_ca_certificate(keystore, serial)) continue;
    SG_CHECK(write_ca_certificate(keystore, serial, pem));
  }
  return {};
}

/// Under the lock: what was found before it was taken may be another by now.
Result<RestoredCa> put_in_place(const Keystore& keystore, SavedCa& saved, const SeenRoot& root,
                                const std::optional<std::string>& seen) {
  const auto own = own_root(keystore);
  if (own != seen) {
    return fail(Code::temporary, "the keystore's CA was changed meanwhile", "try again");
  }
  SG_TRY(const CaPlace place, ca_place(keystore));
  const bool is_new = place == CaPlace::free || place == CaPlace::unfinished;
  SG_TRY(const auto there, read_ca_index(keystore));
  CaIndex index = saved.index;
  std::optional<CaIndex> known;
  if (there) {
    auto readable = parse_ca_index(*there, ca_index_path(keystore));
    if (readable) known = *std::move(readable);
  }
  RestoredCa done{known.has_value(), saved.index.issued.size(), 0, root, {}};
  if (known) {
    index = *std::move(known);
    done.changes = merge_ca_index(index, saved.index);
  }
  done.issued = index.issued.size();
  SG_CHECK(write_missing(keystore, saved, index, is_new));
  if (there && !done.was_there) {
    SG_TRY(done.damaged_index, set_ca_index_aside(keystore));
  }
  SG_CHECK(save_ca_index(keystore, index));
  return done;
}

}  // namespace

Result<RestoredCa> restore_ca(const Keystore& keystore, std::string_view file,
                              const CaRestoreOptions& options) {
  SeenRoot root;
  std::optional<std::string> seen;
  const CheckRoot check = [&](const SeenRoot& found) -> Status {
    root = found;
    seen = own_root(keystore);
    return check_root(keystore, found, options);
  };
  auto opened = open_ca_file(file, options.ask, check);
  if (!opened) {  // of a file that the admin brought, not of the keystore
    const Error& error = opened.error();
    const Code code = error.code() == Code::config ? Code::refused : error.code();
    return tl::unexpected(Error(code, error.what(), error.remedy()));
  }
  SG_CHECK(take_token(*opened, kRootAuthority, options.tokens.root));
  SG_CHECK(take_token(*opened, kIntermediateAuthority, options.tokens.intermediate));
  SG_TRY(const FileLock held, keystore.lock());
  return put_in_place(keystore, *opened, root, seen);
}

}  // namespace sifguard
