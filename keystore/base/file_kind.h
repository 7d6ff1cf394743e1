// What a file is, whatever its name: for messages about a file of the wrong kind, and to accept the
// different forms of one object that programs write. Any privilege; pure. The bytes are hostile:
// only the beginning and the outermost structure are examined, little is decoded, and a kind does
// not mean that the file is valid.
#pragma once

#include <string>
#include <string_view>

#include "keystore/base/secret.h"

namespace sifguard {

enum class FileKind {
  unknown,
  empty,
  certificate,          ///< X.509, PEM or DER, one or more
  trusted_certificate,  ///< OpenSSL's own form, with its trusted uses
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
  openpgp_newer_key,  ///< version 5 or 6, which gpg and images do not use
  openpgp_message,
  openpgp_signature,
  openpgp_revocation,          ///< of a key, alone, as gpg writes it
  openpgp_guarded_revocation,  ///< the same with the ':' that gpg adds against accidents
  openpgp_keybox,
  minisign_public_key,  ///< of minisign or signify, which share a format
  minisign_secret_key,
  minisign_signature,
  age_recipient,
  age_identity,
  age_file,
  cosign_key,  ///< a private key under a password, in cosign's form
  java_keystore,
  bare_base64,  ///< of DER, without BEGIN and END lines
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
  own_file,       ///< an internal file of sifguard: an index of images, the head of a log
};

[[nodiscard]] FileKind file_kind(std::string_view data) noexcept;
/// "a PKCS#12 file (PFX)", for "FILE is …".
[[nodiscard]] std::string_view file_kind_name(FileKind kind) noexcept;

/// What a command expects a file to be.
enum class WantedFile {
  rsa_key,      ///< for which images are encrypted: with its private half, perhaps under a password
  rsa_public,   ///< its public half, or a certificate for it
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
  authority_backup,  ///< a backup, or the JSON of a CA alone from an older sifctl
  image,
  bindings,       ///< images.yaml
  decisions,      ///< of `sifctl test`
  configuration,  ///< sifguard.yaml
  shipyard,
};

/// `error`, of a reader of such files: if the file is of another known kind, it then says which,
/// and how to get the wanted kind from it; otherwise it is unchanged.
[[nodiscard]] Error name_file_kind(Error error, std::string_view data, WantedFile wanted);

/// `text` as a PEM reader needs it: UTF-16, with or without a byte order mark, becomes ASCII, a
/// UTF-8 mark is removed, and in PEM, lines that end in CR alone get LF. Other bytes, and text
/// beyond ASCII, are unchanged.
[[nodiscard]] std::string plain_text(std::string text);
[[nodiscard]] Result<SecretBytes> plain_text(SecretBytes text);

}  // namespace sifguard
