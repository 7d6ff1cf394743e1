// Messages that are signed and encrypted (CMS). Any privilege.
#include "keystore/crypto/cms.h"

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "keystore/base/fd.h"
#include "keystore/crypto/openssl.h"

namespace sifguard {
namespace {

using Cms = Owned<CMS_ContentInfo, CMS_ContentInfo_free>;
/// Borrows its certificates.
using CertificateStack =
    std::unique_ptr<STACK_OF(X509), decltype([](STACK_OF(X509) * all) { sk_X509_free(all); })>;

constexpr unsigned kBinary = CMS_BINARY | CMS_NOSMIMECAP;

std::span<const std::byte> content_of(const Bio& memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  if (size <= 0) return {};
  return std::as_bytes(std::span(data, static_cast<std::size_t>(size)));
}

/// OpenSSL counts references and changes nothing else.
X509* borrowed(const X509* certificate) noexcept {
  return const_cast<X509*>(certificate);  // NOLINT(*-const-cast)
}

Result<Cms> parse(std::span<const std::byte> der, int wanted) {
  const unsigned char* at = octets(der);
  const unsigned char* const end = at + der.size();
  Cms message(d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(der.size())));
  if (!message || at != end) {
    return fail_openssl(Code::refused, "malformed or truncated CMS message");
  }
  if (OBJ_obj2nid(CMS_get0_type(message.get())) == wanted) return message;
  return fail(Code::refused, wanted == NID_pkcs7_signed
                                 ? "what is encrypted is not signed"
                                 : "not encrypted by AES-256-GCM (CMS AuthEnvelopedData)");
}

Result<Bio> signed_message(std::span<const std::byte> content, const CertifiedKey& signer) {
  const Bio input = view_bio(content);
  Bio output(BIO_new(BIO_s_mem()));
  if (!input || !output) return fail_openssl(Code::temporary, "cannot sign a message");
  const Cms message(
      CMS_sign(signer.certificate.get(), signer.key.get(), nullptr, input.get(), kBinary));
  if (!message || i2d_CMS_bio(output.get(), message.get()) != 1) {
    return fail_openssl(Code::internal, "cannot sign a message");
  }
  return output;
}

bool add_recipient(CMS_ContentInfo* message, const X509* certificate) {
  CMS_RecipientInfo* const recipient =
      CMS_add1_recipient_cert(message, borrowed(certificate), CMS_KEY_PARAM);
  if (recipient == nullptr) return false;
  EVP_PKEY_CTX* const context = CMS_RecipientInfo_get0_pkey_ctx(recipient);
  if (context == nullptr) return false;
  if (CMS_RecipientInfo_type(recipient) == CMS_RECIPINFO_AGREE) {
    return EVP_PKEY_CTX_set_ecdh_kdf_md(context, EVP_sha256()) == 1;
  }
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) == 1;
}

Result<Bio> decrypted(std::span<const std::byte> der, const CertifiedKey& recipient) {
  SG_TRY(const Cms message, parse(der, NID_id_smime_ct_authEnvelopedData));
  Bio output(BIO_new(BIO_s_mem()));
  if (!output) return fail_openssl(Code::temporary, "cannot decrypt a message");
  ERR_clear_error();
  if (CMS_decrypt(message.get(), recipient.key.get(), recipient.certificate.get(), nullptr,
                  output.get(), CMS_BINARY) == 1) {
    return output;
  }
  ERR_clear_error();  // whatever OpenSSL says of it tells who asks no more than this
  return fail(Code::refused, "it is not encrypted for this node, or it was changed",
              "export it again with this node's certificate: sifctl node show");
}

/// Which of `signers` made the one signature.
Result<std::size_t> find_signer(CMS_ContentInfo* message, const std::vector<const X509*>& signers) {
  STACK_OF(CMS_SignerInfo)* const infos = CMS_get0_SignerInfos(message);
  if (infos == nullptr || sk_CMS_SignerInfo_num(infos) != 1) {
    return fail(Code::refused, "what is encrypted has not exactly one signature");
  }
  CMS_SignerInfo* const info = sk_CMS_SignerInfo_value(infos, 0);
  X509_ALGOR* digest = nullptr;
  CMS_SignerInfo_get0_algs(info, nullptr, nullptr, &digest, nullptr);
  const int hash = digest == nullptr ? NID_undef : OBJ_obj2nid(digest->algorithm);
  if (hash != NID_sha256 && hash != NID_sha384 && hash != NID_sha512) {
    return fail(Code::refused, "its signature has a weak hash");
  }
  for (std::size_t i = 0; i < signers.size(); ++i) {
    if (CMS_SignerInfo_cert_cmp(info, borrowed(signers[i])) == 0) return i;
  }
  return fail(Code::refused, "its signer is not trusted here",
              "compare the fingerprints of sifctl bundle signer, then sifctl node trust CERT");
}

}  // namespace

Result<std::vector<std::byte>> seal_message(std::span<const std::byte> content,
                                            const CertifiedKey& signer,
                                            const std::vector<const X509*>& recipients) {
  if (recipients.empty()) return fail(Code::usage, "a message without recipients");
  SG_TRY(const Bio inner, signed_message(content, signer));
  ERR_clear_error();
  const Cms message(CMS_encrypt(nullptr, nullptr, EVP_aes_256_gcm(), CMS_BINARY | CMS_PARTIAL));
  if (!message) return fail_openssl(Code::internal, "cannot encrypt a message");
  for (const X509* recipient : recipients) {
    SG_CHECK(check_recipient(*recipient));
    if (!add_recipient(message.get(), recipient)) {
      return fail_openssl(Code::refused, "cannot encrypt for this certificate");
    }
  }
  const Bio output(BIO_new(BIO_s_mem()));
  if (!output || CMS_final(message.get(), inner.get(), nullptr, CMS_BINARY | CMS_PARTIAL) != 1 ||
      i2d_CMS_bio(output.get(), message.get()) != 1) {
    return fail_openssl(Code::internal, "cannot encrypt a message");
  }
  const auto der = content_of(output);
  return std::vector<std::byte>(der.begin(), der.end());
}

Result<OpenedMessage> open_message(std::span<const std::byte> message,
                                   const CertifiedKey& recipient,
                                   const std::vector<const X509*>& signers) {
  SG_TRY(const Bio inner, decrypted(message, recipient));
  SG_TRY(const Cms signature, parse(content_of(inner), NID_pkcs7_signed));
  OpenedMessage opened;
  SG_TRY(opened.signer, find_signer(signature.get(), signers));
  const CertificateStack trusted(sk_X509_new_null());
  const Bio output(BIO_new(BIO_s_mem()));
  if (!trusted || !output || sk_X509_push(trusted.get(), borrowed(signers[opened.signer])) <= 0) {
    return fail_openssl(Code::temporary, "cannot verify a message");
  }
  // The certificate is trusted by itself, as it was given; no chain, no name, none from inside.
  constexpr unsigned kFlags = CMS_BINARY | CMS_NOINTERN | CMS_NO_SIGNER_CERT_VERIFY;
  if (CMS_verify(signature.get(), trusted.get(), nullptr, nullptr, output.get(), kFlags) != 1) {
    return fail_openssl(Code::refused, "its signature is not good");
  }
  SG_TRY(opened.content, SecretBytes::copy_of(content_of(output)));
  return opened;
}

}  // namespace sifguard
