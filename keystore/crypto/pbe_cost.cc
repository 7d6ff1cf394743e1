// How much work a password-encrypted key asks for before it can be opened. Any privilege.
#include "keystore/crypto/pbe_cost.h"

#include <openssl/asn1t.h>
#include <openssl/err.h>
#include <openssl/objects.h>

#include "keystore/crypto/openssl.h"

namespace sifguard {
namespace {

using Pbe2 = Owned<PBE2PARAM, PBE2PARAM_free>;
using Pbkdf2 = Owned<PBKDF2PARAM, PBKDF2PARAM_free>;
using Pbe1 = Owned<PBEPARAM, PBEPARAM_free>;

template <typename Handle>
Handle parameters_of(const X509_ALGOR* algorithm, const ASN1_ITEM* form) {
  const void* value = nullptr;
  int type = 0;
  X509_ALGOR_get0(nullptr, &type, &value, algorithm);
  if (type != V_ASN1_SEQUENCE) return nullptr;
  using Object = typename Handle::element_type;
  return Handle(
      static_cast<Object*>(ASN1_item_unpack(static_cast<const ASN1_STRING*>(value), form)));
}

int nid_of(const X509_ALGOR* algorithm) {
  const ASN1_OBJECT* object = nullptr;
  X509_ALGOR_get0(&object, nullptr, nullptr, algorithm);
  return OBJ_obj2nid(object);
}

tl::unexpected<Error> malformed() {
  return fail_openssl(Code::refused, "the encryption parameters of the key are malformed");
}

Status check_pbes2(const X509_ALGOR* algorithm) {
  const Pbe2 outer = parameters_of<Pbe2>(algorithm, ASN1_ITEM_rptr(PBE2PARAM));
  if (!outer) return malformed();
  if (nid_of(outer->keyfunc) != NID_id_pbkdf2) return {};
  const Pbkdf2 inner = parameters_of<Pbkdf2>(outer->keyfunc, ASN1_ITEM_rptr(PBKDF2PARAM));
  if (!inner) return malformed();
  return check_iterations(inner->iter);
}

}  // namespace

Status check_iterations(const ASN1_INTEGER* iterations) {
  const long count = ASN1_INTEGER_get(iterations);
  if (count >= 1 && count <= kMaxIterations) return {};
  return fail(
      Code::refused, "the password's iteration count is out of bounds",
      "encrypt the key again with at most " + std::to_string(kMaxIterations) + " iterations");
}

Status check_pbe_cost(const X509_ALGOR* algorithm) {
  if (nid_of(algorithm) == NID_pbes2) return check_pbes2(algorithm);
  const Pbe1 parameters = parameters_of<Pbe1>(algorithm, ASN1_ITEM_rptr(PBEPARAM));
  ERR_clear_error();
  if (!parameters) return {};  // no such parameters: OpenSSL will not know what to do either
  return check_iterations(parameters->iter);
}

}  // namespace sifguard
