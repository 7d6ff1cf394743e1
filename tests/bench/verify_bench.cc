// The verifier in process, on images in memory: hashing alone, and everything but the sandbox.
// Arguments: size in MiB, signatures, threads (0: as many as there are cores). Tests only.
#include <benchmark/benchmark.h>
#include <sys/stat.h>

#include <map>

#include "helper/verify/sandbox/parallel_hash.h"
#include "helper/verify/sandbox/verifier.h"
#include "tests/bench/large_image.h"
#include "tests/unit/verify/forms.h"

namespace sifguard {
namespace {

/// Made once a size and number of signatures; the last stays.
int image_fd(std::int64_t mib, std::int64_t signatures) {
  static std::pair<std::int64_t, std::int64_t> kept;
  static UniqueFd fd;
  if (fd.valid() && kept == std::pair{mib, signatures}) return fd.get();
  fd.reset();
  test::SifBuilder builder = test::large_image(static_cast<std::size_t>(mib) << 20U);
  const std::string statement = test::statement_of(builder.build());
  for (std::int64_t i = 0; i < signatures; ++i) {
    builder.add(test::signature_of(test::clearsigned(statement)));
  }
  fd = test::file_of(builder.build());
  kept = {mib, signatures};
  return fd.get();
}

unsigned threads(const benchmark::State& state) {
  return state.range(2) == 0 ? usable_cores() : static_cast<unsigned>(state.range(2));
}

void finish(benchmark::State& state) {
  state.SetBytesProcessed(state.iterations() * state.range(0) << 20U);
}

/// One digest an object, but as many objects as signatures, which is how threads can help.
void hash_objects(benchmark::State& state) {
  if (!prepare_digests()) return state.SkipWithError("OpenSSL cannot start");
  const int fd = image_fd(state.range(0), 1);
  Workers workers(threads(state));
  const auto parts = static_cast<std::size_t>(state.range(1));
  const std::size_t size = (static_cast<std::size_t>(state.range(0)) << 20U) / parts;
  for (auto _ : state) {
    std::vector<HashRequest> requests(parts);
    for (std::size_t i = 0; i < parts; ++i)
      requests[i] = {i * size, size, {true, false, false}, {}};
    if (!hash_objects(fd, requests, {}, &workers)) state.SkipWithError("cannot hash");
  }
  finish(state);
}

void verify_image(benchmark::State& state) {
  if (!prepare_digests()) return state.SkipWithError("OpenSSL cannot start");
  const int fd = image_fd(state.range(0), state.range(1));
  Workers workers(threads(state));
  for (auto _ : state) {
    const auto report = verify_image(fd, &workers);
    if (!report || report->signatures.back().statement != StatementStatus::fits) {
      state.SkipWithError("the image does not verify");
    }
  }
  finish(state);
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"MiB", "signatures", "threads"})->Unit(benchmark::kMillisecond);
  for (const std::int64_t mib : {1, 64, 1024}) {
    for (const std::int64_t signatures : {1, 3}) {
      for (const std::int64_t count : {1, 0}) benchmark->Args({mib, signatures, count});
    }
  }
  benchmark->UseRealTime();
}

BENCHMARK(verify_image)->Apply(sizes);
BENCHMARK(hash_objects)->Apply(sizes);

}  // namespace
}  // namespace sifguard
