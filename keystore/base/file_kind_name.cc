// What kinds of files are called in messages. Any privilege; pure.
#include "keystore/base/file_kind.h"

namespace sifguard {

std::string_view file_kind_name(FileKind kind) noexcept {
  switch (kind) {
    case FileKind::unknown:
      return "of no kind that is known here";
    case FileKind::empty:
      return "empty";
    case FileKind::certificate:
      return "an X.509 certificate";
    case FileKind::trusted_certificate:
      return "a certificate with OpenSSL's trust settings (TRUSTED CERTIFICATE)";
    case FileKind::certificate_request:
      return "a certificate request (CSR)";
    case FileKind::crl:
      return "a certificate revocation list";
    case FileKind::ocsp_response:
      return "an OCSP response";
    case FileKind::public_key:
      return "a public key";
    case FileKind::rsa_public_key:
      return "an RSA public key in PKCS#1";
    case FileKind::private_key:
      return "a private key";
    case FileKind::encrypted_key:
      return "an encrypted private key";
    case FileKind::pkcs12:
      return "a PKCS#12 file (PFX)";
    case FileKind::pkcs7:
      return "a PKCS#7 or CMS file";
    case FileKind::ssh_public_key:
      return "an OpenSSH public key";
    case FileKind::ssh_private_key:
      return "an OpenSSH private key";
    case FileKind::ssh_signature:
      return "an OpenSSH signature";
    case FileKind::putty_key:
      return "a PuTTY private key";
    case FileKind::openpgp_public_key:
      return "an OpenPGP public key";
    case FileKind::openpgp_secret_key:
      return "an OpenPGP secret key";
    case FileKind::openpgp_newer_key:
      return "an OpenPGP key of version 5 or 6";
    case FileKind::openpgp_message:
      return "an OpenPGP message";
    case FileKind::openpgp_signature:
      return "an OpenPGP signature";
    case FileKind::openpgp_revocation:
      return "the revocation of an OpenPGP key";
    case FileKind::openpgp_guarded_revocation:
      return "the revocation of an OpenPGP key, with gpg's ':' against accidents";
    case FileKind::openpgp_keybox:
      return "a keybox of gpg";
    case FileKind::minisign_public_key:
      return "a public key of minisign or signify";
    case FileKind::minisign_secret_key:
      return "a secret key of minisign or signify";
    case FileKind::minisign_signature:
      return "a signature of minisign or signify";
    case FileKind::age_recipient:
      return "an age recipient (public key)";
    case FileKind::age_identity:
      return "an age identity (secret key)";
    case FileKind::age_file:
      return "encrypted with age";
    case FileKind::cosign_key:
      return "an encrypted private key of cosign";
    case FileKind::java_keystore:
      return "a Java keystore";
    case FileKind::bare_base64:
      return "base64 without the lines that begin and end PEM";
    case FileKind::json:
      return "JSON";
    case FileKind::html:
      return "an HTML page";
    case FileKind::xml:
      return "XML";
    case FileKind::lfs_pointer:
      return "a Git LFS pointer, not the file it stands for";
    case FileKind::gzip:
      return "compressed (gzip)";
    case FileKind::xz:
      return "compressed (xz)";
    case FileKind::zstd:
      return "compressed (zstd)";
    case FileKind::bzip2:
      return "compressed (bzip2)";
    case FileKind::zip:
      return "a ZIP archive";
    case FileKind::tar:
      return "a tar archive";
    case FileKind::squashfs:
      return "a bare squashfs file system";
    case FileKind::elf:
      return "a program (ELF)";
    case FileKind::luks:
      return "a LUKS volume";
    case FileKind::sif:
      return "a Singularity image (SIF)";
    case FileKind::script:
      return "a script";
    case FileKind::sealed_backup:
      return "a sealed backup of sifguard";
    case FileKind::sealed_key:
      return "a private key sealed by a keystore of sifguard";
    case FileKind::own_file:
      return "a file that sifguard makes for itself";
  }
  return "of no kind that is known here";
}

}  // namespace sifguard
