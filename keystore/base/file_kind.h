// What a file is, whatever its name says: for messages about a file of the wrong kind, and to take
// the forms of one thing that programs write. Any privilege; pure. The bytes are hostile:
// beginnings and the outermost shape are looked at, little is decoded, and a kind says nothing of
// soundness.
#pragma once

#include <string>
#include <string_view>

#include "keystore/base/secret.h"

namespace sifguard {

enum class FileKind {
  unknown,
  empty,
  certificate,          ///< X.509, PEM or DER, one or more
  trusted_certificate,  ///< OpenSSL's own, with what it is trusted for
  certificate_request,  ///< PKCS#10
  crl,
  ocsp_response,
  public_key,      ///< SubjectPublicKeyInfo
  rsa_public_key,  ///< PKCS#1
  private_key,     ///< PKCS#8, PKCS#1, SEC 1, DSA
  encrypted_key,   ///< the same under a password
  pkcs12,
  pkcs7,  ///< also CMS: certificates (.p7b), or a message
  ssh_public_key,
  ssh_private_key,
  ssh_signature,
  putty_key,
  openpgp_public_key,
  openpgp_secret_key,
  openpgp_newer_key,  ///< of version 5 or 6, which gpg and images do not use
  openpgp_message,
  openpgp_signature,
  openpgp_revocation,          ///< of a key, by itself, as gpg writes it
  openpgp_guarded_revocation,  ///< the same with gpg's ':' against accidents
  openpgp_keybox,
  minisign_public_key,  ///< of minisign or signify, which have one format
  minisign_secret_key,
  minisign_signature,
  age_recipient,
  age_identity,
  age_file,
  cosign_key,  ///< a private one, under a password as cosign has it
  java_keystore,
  bare_base64,  ///< of DER, without the lines around it
  json,
  html,
  xml,
  lfs_pointer,
  gzip,
  xz,
  zstd,
  bzip2,
  zip,
  tar,
  squashfs,
  elf,
  luks,
  sif,
  script,
  sealed_backup,  ///< of `sifctl backup`
  sealed_key,     ///< a private key as a keystore holds it (store/envelope.h)
  own_file,       ///< what sifguard makes for itself: an index of images, the head of a log
};

[[nodiscard]] FileKind file_kind(std::string_view data) noexcept;
/// "a PKCS#12 file (PFX)", for "FILE is …".
[[nodiscard]] std::string_view file_kind_name(FileKind kind) noexcept;

/// What a command wants of a file.
enum class WantedFile {
  rsa_key,      ///< that images are encrypted for: whole, or with its password
  rsa_public,   ///< its public half, or a certificate of it
  signing_key,  ///< the private key of a signer
  signer,       ///< an OpenPGP key, a public key or a certificate
  openpgp_key,
  public_key,
  certificate,
  authority,  ///< a CA's certificate
  crl,
  request,
  ocsp_response,
  bundle,
  backup,
  authority_backup,  ///< a backup, or the JSON of a CA alone of an older sifctl
  image,
  bindings,       ///< images.yaml
  decisions,      ///< of `sifctl test`
  configuration,  ///< sifguard.yaml
  shipyard,
};

/// The error of a reader of such files, made to say what the file is and how to get what is wanted
/// from it, where it is of another kind that is known; else as it was.
[[nodiscard]] Error name_file_kind(Error error, std::string_view data, WantedFile wanted);

/// `text` as a PEM reader wants it: UTF-16, with or without a mark, becomes ASCII, a mark of UTF-8
/// goes, and where there is PEM, lines that end in CR alone end in LF. Other bytes, and text beyond
/// ASCII, stay as they are.
[[nodiscard]] std::string plain_text(std::string text);
[[nodiscard]] Result<SecretBytes> plain_text(SecretBytes text);

}  // namespace sifguard
