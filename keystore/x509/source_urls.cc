// Where a certificate says that its revocation can be looked up. Unprivileged; the certificate is
// hostile.
#include "keystore/x509/source_urls.h"

#include <openssl/err.h>

#include <algorithm>

#include "keystore/base/contains.h"
#include "keystore/base/text.h"

namespace sifguard {
namespace {

using Points = Owned<CRL_DIST_POINTS, CRL_DIST_POINTS_free>;
using Access = Owned<AUTHORITY_INFO_ACCESS, AUTHORITY_INFO_ACCESS_free>;

constexpr std::size_t kMaxUrls = 8;
constexpr std::size_t kMaxUrl = 1024;

void add(std::vector<std::string>& urls, const GENERAL_NAME* name,
         const std::vector<std::string>& hosts) {
  int type = 0;
  const void* const value = GENERAL_NAME_get0_value(name, &type);
  if (type != GEN_URI || urls.size() >= kMaxUrls) return;
  const auto* const text = static_cast<const ASN1_STRING*>(value);
  const std::string url(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                        static_cast<std::size_t>(ASN1_STRING_length(text)));
  const std::string host = host_of_url(url);
  if (!host.empty() && contains(hosts, host)) {
    urls.push_back(url);
  }
}

}  // namespace

std::string host_of_url(std::string_view url) {
  const std::string lower = to_lower(url.substr(0, kMaxUrl + 1));
  const std::size_t start = lower.starts_with("http://")    ? 7
                            : lower.starts_with("https://") ? 8
                                                            : 0;
  const bool plain = lower.size() <= kMaxUrl && std::all_of(lower.begin(), lower.end(), [](char c) {
                       return c > ' ' && c <= '~' && c != '\\' && c != '"' && c != '<' && c != '>';
                     });
  if (start == 0 || !plain) return {};
  const std::string host = lower.substr(start, lower.find_first_of("/?#", start) - start);
  return host.find('@') == std::string::npos ? host : std::string();
}

SourceUrls allowed_urls(const X509* certificate, const std::vector<std::string>& hosts) {
  SourceUrls urls;
  if (hosts.empty()) return urls;
  const Points points(static_cast<CRL_DIST_POINTS*>(
      X509_get_ext_d2i(certificate, NID_crl_distribution_points, nullptr, nullptr)));
  for (int i = 0; points && i < sk_DIST_POINT_num(points.get()); ++i) {
    const DIST_POINT_NAME* const point = sk_DIST_POINT_value(points.get(), i)->distpoint;
    if (point == nullptr || point->type != 0) continue;
    for (int k = 0; k < sk_GENERAL_NAME_num(point->name.fullname); ++k) {
      add(urls.crl, sk_GENERAL_NAME_value(point->name.fullname, k), hosts);
    }
  }
  const Access access(static_cast<AUTHORITY_INFO_ACCESS*>(
      X509_get_ext_d2i(certificate, NID_info_access, nullptr, nullptr)));
  for (int i = 0; access && i < sk_ACCESS_DESCRIPTION_num(access.get()); ++i) {
    const ACCESS_DESCRIPTION* const one = sk_ACCESS_DESCRIPTION_value(access.get(), i);
    if (OBJ_obj2nid(one->method) == NID_ad_OCSP) add(urls.ocsp, one->location, hosts);
  }
  ERR_clear_error();
  return urls;
}

}  // namespace sifguard
