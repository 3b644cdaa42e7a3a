// Style sheets that belong to a page loaded later.
declare module '*.css';
