// Descriptors that the sandboxed programs are started with: both sides go by them. Constants.
#pragma once

namespace sifguard {

inline constexpr int kInputFd = 3;     ///< the image, or a request; to be read only
inline constexpr int kOutputFd = 4;    ///< the report, or the answer
inline constexpr int kProgressFd = 5;  ///< a page of shared memory to count in, or nothing

}  // namespace sifguard
