#pragma once

// The KV cache handle's functions, as JavaScript calls them.

#include "clearformer/attention/kv_cache.hpp"
#include "wasm/handles.hpp"

namespace clearformer::wasm {

struct NewCache {
    Handle cache;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("cache", cache);
    }
};

struct CacheOnly {
    static constexpr const char* kFunction = "cache_state";
    unsigned cache = 0;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("cache", cache);
    }
};
struct CacheDispose : CacheOnly {
    static constexpr const char* kFunction = "cache_dispose";
};
struct CacheDisposed {
    bool disposed = false;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("disposed", disposed);
    }
};

struct CacheAppend {
    static constexpr const char* kFunction = "cache_append";
    unsigned cache = 0;
    Array<double> k, v;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("cache", cache);
        field.required("k", k, "G N D");
        field.required("v", v, "G N Dv");
    }
};

struct CacheEvict {
    static constexpr const char* kFunction = "cache_evict";
    unsigned cache = 0;
    Size count = 0;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("cache", cache);
        field.required("count", count);
    }
};

struct CacheAttend {
    static constexpr const char* kFunction = "cache_attend";
    unsigned cache = 0;
    Array<double> q;
    std::optional<double> scale;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("cache", cache);
        field.required("q", q, "H T D");
        field.optional("scale", scale);
    }
};

NewCache kv_cache(const KvCacheOptions& options);
KvCacheState cache_append(const CacheAppend& options);
KvCacheState cache_evict(const CacheEvict& options);
KvCacheAttendResult cache_attend(const CacheAttend& options);
KvCacheState cache_state(const CacheOnly& options);
CacheDisposed cache_dispose(const CacheDispose& options);

}  // namespace clearformer::wasm
