// One pass over the data of an image's objects. Runs where parallel_hash.h says.
#include "helper/verify/sandbox/parallel_hash.h"

#include <algorithm>
#include <functional>
#include <numeric>

#include "helper/verify/sandbox/hash_schedule.h"

namespace sifguard {
namespace {

/// For each request the first of those that must be read in one go with it, itself included.
std::vector<std::size_t> leaders(std::size_t requests, std::span<const HashChain> chains) {
  std::vector<std::size_t> leader(requests);
  std::iota(leader.begin(), leader.end(), std::size_t{0});
  for (const HashChain& chain : chains) {
    for (const std::size_t request : chain.requests) {
      const std::size_t from = std::max(leader[request], leader[chain.requests.front()]);
      const std::size_t to = std::min(leader[request], leader[chain.requests.front()]);
      if (from != to) std::replace(leader.begin(), leader.end(), from, to);
    }
  }
  return leader;
}

}  // namespace

Status hash_objects(int fd, std::span<HashRequest> requests, std::span<HashChain> chains,
                    Workers* workers, std::uint64_t* progress) {
  HashSchedule schedule(fd, workers == nullptr ? 1 : workers->count(), progress);
  std::vector<std::vector<std::size_t>> sinks(requests.size());
  for (HashChain& chain : chains) {
    const std::size_t sink = schedule.add_sink(chain.algorithm, &chain.found);
    for (const std::size_t request : chain.requests) sinks[request].push_back(sink);
  }
  const std::vector<std::size_t> leader = leaders(requests.size(), chains);
  std::vector<std::size_t> stream(requests.size());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    HashRequest& request = requests[i];
    for (std::size_t a = 0; a < kDigestAlgorithms; ++a) {
      if (!request.wanted[a]) continue;
      sinks[i].push_back(schedule.add_sink(static_cast<DigestAlgorithm>(a), &request.found[a]));
    }
    stream[i] = leader[i] == i ? schedule.add_stream() : stream[leader[i]];
    schedule.add_segment(stream[i], request.offset, request.size, std::move(sinks[i]));
  }
  schedule.prepare();
  if (workers == nullptr) {
    schedule.work();
  } else {
    workers->run([&schedule] { schedule.work(); });
  }
  return schedule.finish();
}

}  // namespace sifguard
