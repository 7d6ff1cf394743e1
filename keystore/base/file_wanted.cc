// Whether a file is of a kind that a command accepts, and how to convert it if not. Any
// privilege; pure.
#include <array>
#include <cstdint>

#include "keystore/base/file_kind.h"

namespace sifguard {
namespace {

using K = FileKind;
using W = WantedFile;

/// Some kinds of files, a bit each.
using Kinds = std::uint64_t;
constexpr Kinds kinds(auto... kind) noexcept {
  return (... | (Kinds{1} << static_cast<unsigned>(kind)));
}
constexpr bool is_one_of(FileKind kind, Kinds all) noexcept {
  return (kinds(kind) & all) != 0;
}

constexpr Kinds kOpenPgpKeys = kinds(K::openpgp_public_key, K::openpgp_secret_key);
constexpr Kinds kPrivateKeys = kinds(K::private_key, K::encrypted_key);

bool fits(FileKind kind, WantedFile wanted) noexcept {
  if (kind == K::unknown) return true;
  switch (wanted) {
    case W::rsa_key:
      return is_one_of(kind, kinds(K::private_key, K::encrypted_key, K::pkcs12));
    case W::rsa_public:
      return is_one_of(kind, kinds(K::public_key, K::certificate));
    case W::signing_key:
      return is_one_of(kind, kinds(K::private_key, K::encrypted_key));
    case W::signer:
      return is_one_of(kind,
                       kOpenPgpKeys | kinds(K::openpgp_revocation, K::public_key, K::certificate));
    case W::openpgp_key:
      return is_one_of(kind, kOpenPgpKeys | kinds(K::openpgp_revocation));
    case W::public_key:
      return kind == K::public_key;
    case W::certificate:
    case W::authority:
      return kind == K::certificate;
    case W::crl:
      return kind == K::crl;
    case W::request:
      return kind == K::certificate_request;
    case W::ocsp_response:
      return kind == K::ocsp_response;
    case W::bundle:
      return kind == K::pkcs7;
    case W::backup:
      return kind == K::sealed_backup;
    case W::authority_backup:
      return is_one_of(kind, kinds(K::json, K::sealed_backup));
    case W::image:
      return kind == K::sif;
    case W::bindings:
    case W::decisions:
    case W::configuration:
    case W::shipyard:
      return kind == K::json;  // which is YAML
  }
  return true;
}

std::string_view name_of(WantedFile wanted) noexcept {
  switch (wanted) {
    case W::rsa_key:
      return "an RSA private key (PEM, DER or PFX)";
    case W::rsa_public:
      return "an RSA public key or a certificate";
    case W::signing_key:
      return "a private key in PEM or DER";
    case W::signer:
      return "an OpenPGP public key, a public key or a certificate";
    case W::openpgp_key:
      return "an OpenPGP public key";
    case W::public_key:
      return "a public key in PEM or DER";
    case W::certificate:
      return "a certificate in PEM or DER";
    case W::authority:
      return "a CA's certificate in PEM or DER";
    case W::crl:
      return "a certificate revocation list";
    case W::request:
      return "a certificate request (CSR)";
    case W::ocsp_response:
      return "an OCSP response";
    case W::bundle:
      return "a bundle of sifguard";
    case W::backup:
    case W::authority_backup:
      return "a backup of sifguard";
    case W::image:
      return "a Singularity image (SIF)";
    case W::bindings:
      return "images.yaml";
    case W::decisions:
      return "a table of decisions (YAML)";
    case W::configuration:
      return "sifguard.yaml";
    case W::shipyard:
      return "Shipyard's configuration (YAML)";
  }
  return "";
}

bool wants_private(WantedFile wanted) noexcept {
  return wanted == W::rsa_key || wanted == W::signing_key;
}
bool takes_certificate(WantedFile wanted) noexcept {
  return wanted == W::certificate || wanted == W::signer || wanted == W::authority ||
         wanted == W::rsa_public;
}

/// Files whose readers tell mistakes as those of a configuration.
bool is_yaml(WantedFile wanted) noexcept {
  return wanted == W::bindings || wanted == W::decisions || wanted == W::configuration ||
         wanted == W::shipyard;
}

bool any(WantedFile /*wanted*/) noexcept {
  return true;
}
bool signs(WantedFile wanted) noexcept {
  return wanted == W::signing_key;
}
bool public_half(WantedFile wanted) noexcept {
  return wanted == W::public_key || wanted == W::signer || wanted == W::rsa_public;
}
bool encrypts(WantedFile wanted) noexcept {
  return wanted == W::rsa_key || wanted == W::rsa_public;
}
bool restores(WantedFile wanted) noexcept {
  return wanted == W::backup || wanted == W::authority_backup;
}
bool takes_openpgp(WantedFile wanted) noexcept {
  return wanted == W::signer || wanted == W::openpgp_key;
}

bool certifies(WantedFile wanted) noexcept {
  return public_half(wanted) || takes_certificate(wanted) || takes_openpgp(wanted);
}

struct Conversion {
  Kinds kinds;
  bool (*concerns)(WantedFile wanted) noexcept;
  std::string_view remedy;
};

/// The first that fits.
constexpr std::array kConversions = {
    Conversion{kinds(K::pkcs12), takes_certificate,
               "openssl pkcs12 -in FILE -clcerts -nokeys -out cert.pem"},
    Conversion{kinds(K::pkcs12), signs, "openssl pkcs12 -in FILE -nocerts -out key.pem"},
    Conversion{
        kinds(K::pkcs12), public_half,
        "openssl pkcs12 -in FILE -clcerts -nokeys | openssl x509 -pubkey -noout -out key.pem"},
    Conversion{
        kinds(K::pkcs7), takes_certificate,
        "openssl pkcs7 -print_certs -in FILE -out certs.pem (with -inform DER for a .p7b in DER)"},
    Conversion{kinds(K::pkcs7), restores, "if it is a bundle, sifctl bundle import takes it"},
    Conversion{kinds(K::trusted_certificate), takes_certificate,
               "openssl x509 -in FILE -out cert.pem"},
    Conversion{
        kinds(K::rsa_public_key), public_half,
        "openssl rsa -RSAPublicKey_in -in FILE -pubout -out public.pem (with -inform DER for "
        "a file in DER)"},
    Conversion{kPrivateKeys, public_half,
               "give its public half: openssl pkey -in FILE -pubout -out public.pem"},
    Conversion{kinds(K::public_key, K::rsa_public_key), wants_private,
               "the private half is in another file, with who made it"},
    Conversion{kinds(K::certificate, K::trusted_certificate), wants_private,
               "a certificate holds the public half alone; the private key is in another file"},
    Conversion{kinds(K::certificate, K::trusted_certificate), public_half,
               "openssl x509 -in FILE -pubkey -noout -out public.pem"},
    Conversion{kinds(K::certificate_request), any,
               "a CA makes a certificate of it: sifctl ca sign-csr FILE"},
    Conversion{
        kinds(K::openpgp_public_key), encrypts,
        "images are not encrypted for OpenPGP keys; the key of a signer goes to sifctl signer add"},
    Conversion{kinds(K::openpgp_secret_key), encrypts,
               "images are not encrypted for OpenPGP keys: make an RSA key with sifctl key create"},
    Conversion{kinds(K::openpgp_public_key), signs,
               "sign with gpg's key by its fingerprint: sif-sign --pgp FPR"},
    Conversion{kinds(K::openpgp_secret_key), signs,
               "import it with gpg, and sign by its fingerprint: sif-sign --pgp FPR"},
    Conversion{kinds(K::openpgp_newer_key), any,
               "images are signed with OpenPGP keys of version 4: ask its owner for one"},
    Conversion{kinds(K::openpgp_guarded_revocation), takes_openpgp,
               "if the key is to be revoked, for good, take the ':' before '-----BEGIN' away"},
    Conversion{kinds(K::openpgp_revocation, K::openpgp_guarded_revocation), any,
               "sifctl signer add takes it, without the ':' before '-----BEGIN'"},
    Conversion{kinds(K::openpgp_signature, K::openpgp_message), takes_openpgp,
               "give the key that made it: gpg --armor --export FPR"},
    Conversion{kinds(K::openpgp_keybox), any, "export the key: gpg --armor --export FPR"},
    Conversion{kinds(K::ssh_private_key), wants_private,
               "an RSA or ECDSA key is converted, in place, by ssh-keygen -p -m PKCS8 -f FILE; an "
               "Ed25519 one is not: openssl genpkey -algorithm ED25519 makes another"},
    Conversion{
        kinds(K::ssh_private_key), public_half,
        "give its public half: ssh-keygen -e -m PKCS8 -f FILE >public.pem (RSA and ECDSA; an "
        "Ed25519 key of OpenSSH is not converted: make one with openssl genpkey -algorithm "
        "ED25519)"},
    Conversion{
        kinds(K::ssh_public_key), public_half,
        "ssh-keygen -e -m PKCS8 -f FILE >public.pem (RSA and ECDSA; an Ed25519 key of OpenSSH is "
        "not converted: ask the signer for a key of openssl genpkey -algorithm ED25519, or of "
        "gpg)"},
    Conversion{kinds(K::ssh_signature, K::minisign_signature), any,
               "images are not signed by OpenSSH, minisign or signify: with OpenPGP, or a key or "
               "certificate, by sif-sign"},
    Conversion{
        kinds(K::minisign_public_key), certifies,
        "minisign and signify sign no images: ask the signer for an OpenPGP key, a public key "
        "in PEM or a certificate"},
    Conversion{
        kinds(K::minisign_public_key, K::minisign_secret_key), any,
        "images are neither signed nor encrypted with it: openssl genpkey -algorithm ED25519 "
        "makes a key to sign with, sifctl key create one to encrypt for"},
    Conversion{
        kinds(K::age_recipient, K::age_identity), any,
        "age neither signs nor encrypts images: openssl genpkey -algorithm ED25519 makes a key "
        "to sign with, sifctl key create one to encrypt for"},
    Conversion{kinds(K::age_file), any, "age -d FILE"},
    Conversion{kinds(K::cosign_key), public_half,
               "give its public half: cosign public-key --key FILE >public.pem"},
    Conversion{kinds(K::cosign_key), any,
               "cosign alone opens it: openssl genpkey makes a key to sign images with"},
    Conversion{
        kinds(K::putty_key), any,
        "puttygen FILE -O private-openssh -o key, and ssh-keygen -p -m PKCS8 -f key (RSA and "
        "ECDSA; an Ed25519 key is not converted)"},
    Conversion{
        kinds(K::java_keystore), any,
        "keytool -importkeystore -srckeystore FILE -destkeystore key.p12 -deststoretype PKCS12"},
    Conversion{
        kinds(K::sif), takes_openpgp,
        "an image holds signatures and no keys: sif-list FILE names its signers; ask one for "
        "the key"},
    Conversion{kinds(K::sealed_backup), any, "sifctl restore or sifctl ca restore takes it"},
    Conversion{kinds(K::sealed_key), any,
               "it opens in its keystore alone: sifctl backup and sifctl bundle export carry it"},
    Conversion{kinds(K::own_file), any, "it is of no use elsewhere"},
    Conversion{kinds(K::bare_base64), any, "openssl base64 -d -A -in FILE -out FILE.der"},
    Conversion{kinds(K::lfs_pointer), any, "fetch the file itself: git lfs pull"},
    Conversion{kinds(K::html), any,
               "a web server answered with a page: look at it, it may ask to log in"},
    Conversion{kinds(K::gzip), any, "gzip -d"},
    Conversion{kinds(K::xz), any, "xz -d"},
    Conversion{kinds(K::zstd), any, "zstd -d"},
    Conversion{kinds(K::bzip2), any, "bzip2 -d"},
    Conversion{kinds(K::zip), any, "unzip it"},
    Conversion{kinds(K::tar), any, "unpack it: tar -xf FILE"},
    Conversion{kinds(K::empty), any, "was it written whole?"},
};

std::string remedy_for(FileKind kind, WantedFile wanted) {
  if (wanted == W::image && (kind == K::tar || kind == K::squashfs)) {
    return "make an image of it: apptainer build IMAGE.sif " +
           std::string(kind == K::tar ? "docker-archive:FILE (or oci-archive:FILE)" : "FILE");
  }
  for (const Conversion& one : kConversions) {
    if (is_one_of(kind, one.kinds) && one.concerns(wanted)) return std::string(one.remedy);
  }
  return "give " + std::string(name_of(wanted));
}

}  // namespace

Error name_file_kind(Error error, std::string_view data, WantedFile wanted) {
  const FileKind kind = file_kind(data);
  const std::string_view name = file_kind_name(kind);
  const bool is_said = error.what().find(name) != std::string::npos;
  // What is missing here, and not in the file, is another trouble.
  const bool of_file = error.code() == Code::refused || error.code() == Code::usage ||
                       (is_yaml(wanted) && error.code() == Code::config);
  if (fits(kind, wanted) || is_said || !of_file) return error;
  return {error.code(), error.what() + ": it is " + std::string(name), remedy_for(kind, wanted)};
}

}  // namespace sifguard
