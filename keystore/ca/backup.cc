// Backups of a CA. The owner of the keystore, on the CA's host.
#include "keystore/ca/backup.h"

#include <openssl/err.h>

#include <optional>

#include "keystore/base/fd.h"
#include "keystore/base/text.h"
#include "keystore/crypto/private_pem.h"
#include "keystore/x509/asn1_time.h"
#include "keystore/x509/chain.h"
#include "keystore/x509/distinguished_name.h"

namespace sifguard {
namespace {

using nlohmann::ordered_json;

constexpr std::int64_t kVersion = 1;
constexpr std::string_view kLabel = "sifguard CA backup 1\n";

Result<std::string> base64(std::span<const unsigned char> bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(),
                                   static_cast<int>(bytes.size()));
  if (size < 0) return fail_openssl(Code::internal, "cannot encode a signature");
  text.resize(static_cast<std::size_t>(size));
  return text;
}

/// Empty when it is malformed.
std::vector<unsigned char> from_base64(const std::string& text) {
  std::vector<unsigned char> bytes(text.size() / 4 * 3 + 3);
  int size = EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()),
                             static_cast<int>(text.size()));
  ERR_clear_error();
  for (std::size_t i = text.size(); i > 0 && i + 2 > text.size() && text[i - 1] == '='; --i) --size;
  bytes.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return bytes;
}

std::string message_of(const std::string& content) {
  return std::string(kLabel) + content;
}

/// Asks for the password when it is wanted first.
class Password {
 public:
  explicit Password(const AskPassword& ask) : ask_(ask) {}
  [[nodiscard]] Result<const SecretBytes*> get() {
    if (!known_) {
      SG_TRY(known_, ask_());
    }
    return &*known_;
  }

 private:
  const AskPassword& ask_;
  std::optional<SecretBytes> known_;
};

bool is_kept(const std::string& name) {
  return name == kRootAuthority || name == kIntermediateAuthority;  // responders are made anew
}

/// Encrypted PKCS#8; "" for a key in a token.
Result<std::string> protected_key(const CaKey& key, Password& password) {
  if (!key.token_uri().empty()) return std::string();
  SG_TRY(const SecretBytes* const secret, password.get());
  SG_TRY(const SecretBytes pem, private_key_pem(key.pkey(), secret));
  return std::string(as_text(pem.bytes()));
}

Result<ordered_json> authorities_json(const Keystore& keystore, Password& password) {
  auto list = ordered_json::array();
  SG_TRY(const auto names, authority_names(keystore));
  for (const std::string& name : names) {
    if (!is_kept(name)) continue;
    SG_TRY(const Issuer issuer, load_issuer(keystore, name));
    SG_TRY(const std::string certificate, read_authority_certificate(keystore, name));
    SG_TRY(const std::string key, protected_key(issuer.key, password));
    list.push_back({{"name", name}, {"certificate", certificate}, {"private_key", key}});
  }
  return list;
}

struct Saved {
  std::vector<AuthorityEntry> authorities;
  CaIndex index;
  std::vector<std::pair<std::string, std::string>> certificates;  ///< serial, PEM
  std::int64_t made = 0;
};

/// Without a key when it is in a token.
Result<AuthorityEntry> authority_from(StrictObject& object, Password& password) {
  AuthorityEntry entry;
  entry.name = object.string("name");
  entry.certificate_pem = object.string("certificate");
  const std::string sealed = object.string("private_key");
  if (!is_kept(entry.name)) object.reject("not an authority's name");
  SG_CHECK(object.finish());
  SG_TRY(const Certificate certificate, parse_one_certificate(entry.certificate_pem));
  if (sealed.empty()) return entry;
  SG_TRY(const SecretBytes* const secret, password.get());
  SG_TRY(const SecretBytes pem, SecretBytes::copy_of(as_bytes(sealed)));
  SG_TRY(Pkey key, read_private_pem(pem, secret));
  SG_TRY(entry.private_key, CaKey(std::move(key)).stored());
  SG_TRY(const CaKey fits, CaKey::open(entry.private_key, certificate.get()));
  return entry;
}

Result<Saved> saved_from(const std::string& content, Password& password) {
  StrictObject object = StrictObject::parse(content, "the backup", kMaxBackup);
  Saved saved;
  if (object.integer("version") != kVersion) object.reject("unknown version");
  saved.made = object.integer("made");
  auto authorities = object.objects("authorities");
  const std::string index = object.string("index");
  auto certificates = object.objects("certificates");
  SG_CHECK(object.finish());
  for (StrictObject& one : authorities) {
    SG_TRY(AuthorityEntry entry, authority_from(one, password));
    saved.authorities.push_back(std::move(entry));
  }
  SG_TRY(saved.index, parse_ca_index(index, "the backup's index"));
  for (StrictObject& one : certificates) {
    saved.certificates.emplace_back(one.string("serial"), one.string("pem"));
    SG_CHECK(one.finish());
  }
  return saved;
}

AuthorityEntry* find(Saved& saved, std::string_view name) {
  for (AuthorityEntry& entry : saved.authorities) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

/// Whoever made the file had the root's key: the one that opened with the admin's password, or that
/// is in the admin's token, or of the CA that is there already.
Result<Saved> open_backup(std::string_view file, Password& password) {
  StrictObject object = StrictObject::parse(file, "the backup", kMaxBackup);
  if (object.integer("version") != kVersion) object.reject("unknown version");
  const std::string content = object.string("content");
  const std::string signature = object.string("signature");
  SG_CHECK(object.finish());
  SG_TRY(Saved saved, saved_from(content, password));
  AuthorityEntry* const root = find(saved, kRootAuthority);
  if (root == nullptr) return fail(Code::refused, "the backup has no root");
  SG_TRY(const Certificate certificate, parse_one_certificate(root->certificate_pem));
  const auto bytes = from_base64(signature);
  if (!is_signed(X509_get0_pubkey(certificate.get()), message_of(content),
                 as_text(std::as_bytes(std::span(bytes))))) {
    return fail(Code::refused, "the backup is damaged: its signature is not the root's");
  }
  return saved;
}

Status check_same_ca(const Keystore& keystore, Saved& saved) {
  SG_TRY(const CaCertificates own, ca_certificates(keystore));
  if (own.root == find(saved, kRootAuthority)->certificate_pem) return {};
  return fail(Code::usage, "the keystore has another CA", "restore into another keystore");
}

Status take_token(Saved& saved, const char* name, const std::string& uri) {
  if (uri.empty()) return {};
  AuthorityEntry* const entry = find(saved, name);
  if (entry == nullptr || !entry->private_key.empty()) {
    return fail(Code::usage,
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

/// Whether a certificate of an authority was revoked, and until when it holds.
struct Standing {
  bool is_revoked = false;
  std::int64_t until = 0;
};
Result<Standing> standing_of(X509* certificate, const CaIndex& index) {
  SG_TRY(const std::string serial, serial_of(certificate));
  const IssuedCertificate* const known = index.find(serial);
  return Standing{known != nullptr && known->revoked_at > 0,
                  unix_time(X509_get0_notAfter(certificate)).value_or(0)};
}

/// Whether `saved` should be in charge instead of `own`, of one authority: another certificate of
/// the same key, made when the older was renewed.
Result<bool> is_better(const std::string& saved, const std::string& own, const CaIndex& index) {
  if (saved == own) return false;
  SG_TRY(const Certificate ours, parse_one_certificate(own));
  SG_TRY(const Certificate theirs, parse_one_certificate(saved));
  const bool same_key =
      EVP_PKEY_eq(X509_get0_pubkey(ours.get()), X509_get0_pubkey(theirs.get())) == 1;
  ERR_clear_error();
  if (!same_key) return false;
  SG_TRY(const Standing now, standing_of(ours.get(), index));
  SG_TRY(const Standing then, standing_of(theirs.get(), index));
  return now.is_revoked != then.is_revoked ? now.is_revoked : then.until > now.until;
}

/// What is to be written: those of the backup that the keystore does not have, or only with an
/// older certificate. Without an index nothing in the keystore counts: it is of a run that did not
/// finish, of another CA as like as not.
Result<std::vector<AuthorityEntry>> wanted_authorities(const Keystore& keystore, Saved& saved,
                                                       const CaIndex& index, bool was_there) {
  std::vector<AuthorityEntry> wanted;
  for (AuthorityEntry& entry : saved.authorities) {
    auto own = was_there ? read_authority(keystore, entry.name)
                         : Result<AuthorityEntry>(fail(Code::config, {}));
    if (own) {
      SG_TRY(const bool better, is_better(entry.certificate_pem, own->certificate_pem, index));
      if (!better) continue;
      entry.private_key = std::move(own->private_key);  // where its token is now, say
    }
    SG_CHECK(check_has_key(entry));
    wanted.push_back(std::move(entry));
  }
  return wanted;
}

Status write_missing(const Keystore& keystore, Saved& saved, const CaIndex& index, bool was_there) {
  SG_TRY(const auto wanted, wanted_authorities(keystore, saved, index, was_there));
  if (!was_there) SG_CHECK(remove_authorities(keystore));
  for (const AuthorityEntry& entry : wanted) SG_CHECK(write_authority(keystore, entry));
  for (const auto& [serial, pem] : saved.certificates) {
    if (index.find(serial) == nullptr || (was_there && read_ca_certificate(keystore, serial)))
      continue;
    SG_CHECK(write_ca_certificate(keystore, serial, pem));
  }
  return {};
}

Result<Saved> open_with_tokens(std::string_view file, Password& password, const TokenUris& tokens) {
  SG_TRY(Saved saved, open_backup(file, password));
  SG_CHECK(take_token(saved, kRootAuthority, tokens.root));
  SG_CHECK(take_token(saved, kIntermediateAuthority, tokens.intermediate));
  return saved;
}

}  // namespace

Result<std::string> back_up_ca(const Keystore& keystore, const AskPassword& ask, std::int64_t now) {
  // Keys never change: nobody has to wait while a password is asked for.
  Password password(ask);
  SG_TRY(const ordered_json authorities, authorities_json(keystore, password));
  SG_TRY(const FileLock held, keystore.lock());
  SG_TRY(const CaIndex index, ca_index(keystore));
  auto certificates = ordered_json::array();
  for (const IssuedCertificate& one : index.issued) {
    const auto pem = read_ca_certificate(keystore, one.serial);
    if (pem) certificates.push_back({{"serial", one.serial}, {"pem", *pem}});  // adopted: no file
  }
  const ordered_json inner = {{"version", kVersion},
                              {"made", now},
                              {"authorities", authorities},
                              {"index", format_ca_index(index)},
                              {"certificates", certificates}};
  const std::string content = inner.dump(0, ' ', true);
  SG_TRY(const Issuer root, load_issuer(keystore, kRootAuthority));
  SG_TRY(const std::string bytes, root.key.sign(message_of(content)));
  SG_TRY(const std::string signature, base64(std::span(octets(as_bytes(bytes)), bytes.size())));
  const ordered_json all = {{"version", kVersion}, {"content", content}, {"signature", signature}};
  return all.dump(1, ' ', true) + "\n";
}

Result<RestoredCa> restore_ca(const Keystore& keystore, std::string_view file,
                              const AskPassword& ask, const TokenUris& tokens) {
  Password password(ask);
  auto opened = open_with_tokens(file, password, tokens);
  if (!opened) {  // of a file that the admin brought, not of the keystore
    const Error& error = opened.error();
    const Code code = error.code() == Code::config ? Code::refused : error.code();
    return tl::unexpected(Error(code, error.what(), error.remedy()));
  }
  SG_TRY(const FileLock held, keystore.lock());
  SG_TRY(const auto there, read_ca_index(keystore));
  CaIndex index = opened->index;
  RestoredCa done{there.has_value(), opened->index.issued.size(), 0, opened->made};
  if (there) {
    SG_CHECK(check_same_ca(keystore, *opened));
    SG_TRY(index, parse_ca_index(*there, ca_index_path(keystore)));
    done.changes = merge_ca_index(index, opened->index);
  }
  done.issued = index.issued.size();
  SG_CHECK(write_missing(keystore, *opened, index, done.was_there));
  SG_CHECK(save_ca_index(keystore, index));
  return done;
}

}  // namespace sifguard
