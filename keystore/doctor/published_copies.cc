// Which published images were made from what. Pure.
#include "keystore/doctor/published_copies.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "keystore/store/published_name.h"

namespace sifguard {
namespace {

bool is_bound(const PublishedRecord& record, const Policy& policy) {
  return std::any_of(policy.bindings.begin(), policy.bindings.end(), [&](const Binding& binding) {
    return binding.name == published_binding(record.name) && binding.digest == record.digest;
  });
}

}  // namespace

std::vector<PublishedRecord> published_copies(
    const std::vector<PublishedRecord>& all, const Policy& policy,
    const std::function<bool(const PublishedRecord&)>& concerned) {
  std::set<std::string> digests;  // of what was found, bound or not
  for (bool more = true; more;) {
    more = false;
    for (const PublishedRecord& one : all) {
      if (!concerned(one) && !digests.contains(one.source_digest)) continue;
      more = digests.insert(one.digest).second || more;
    }
  }
  std::vector<PublishedRecord> found;
  std::copy_if(all.begin(), all.end(), std::back_inserter(found), [&](const PublishedRecord& one) {
    return digests.contains(one.digest) && is_bound(one, policy);
  });
  return found;
}

}  // namespace sifguard
