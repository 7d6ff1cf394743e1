// Which published images were made from which sources. Pure.
#pragma once

#include <functional>
#include <vector>

#include "keystore/policy/policy.h"
#include "keystore/store/published_records.h"

namespace sifguard {

/// Those of `all` for which `concerned` is true, and those that were published from these in turn,
/// without those that no binding of `policy` allows any more.
[[nodiscard]] std::vector<PublishedRecord> published_copies(
    const std::vector<PublishedRecord>& all, const Policy& policy,
    const std::function<bool(const PublishedRecord&)>& concerned);

}  // namespace sifguard
