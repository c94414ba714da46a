//! Paging, photos, contact points, errors and dates.
