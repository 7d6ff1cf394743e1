// Which published images were made from what. Pure.
#pragma once

#include <functional>
#include <vector>

#include "keystore/policy/policy.h"
#include "keystore/store/published_records.h"

namespace sifguard {

/// Of `all` those whose source `concerned` says so of, and what was published from these in turn;
/// without those that no binding of `policy` lets run any more.
[[nodiscard]] std::vector<PublishedRecord> published_copies(
    const std::vector<PublishedRecord>& all, const Policy& policy,
    const std::function<bool(const PublishedRecord&)>& concerned);

}  // namespace sifguard
